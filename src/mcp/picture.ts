import { encode } from "fast-png";
import type { Attribution, Shares } from "../protocol/attribution.ts";
import type { Lens } from "../protocol/lens.ts";
import type { Trace } from "../protocol/measurements.ts";

/** A picture as the protocol carries it. */
export interface Image {
  readonly data: string;
  readonly mimeType: "image/png";
  /** What is where, for who reads it. */
  readonly caption: string;
}

/** Pixels of a cell's side, and between two grids. */
const cell = 16;
const gap = 8;
const white = [255, 255, 255];
/** Full colours of a gain and of a loss. */
const gain = [31, 88, 160];
const loss = [190, 70, 30];

/** The three grids of a causal trace beside each other, tokens down, layers across: blue brings P(target) back. */
export function traceImage(trace: Trace): Image {
  const kinds = ["hidden", "mlp", "attention"] as const;
  const grids = kinds.map((kind) => trace[kind].effect);
  const top = Math.max(1e-9, ...grids.flat(2).map(Math.abs));
  const rows = trace.places.map(({ text }) => JSON.stringify(text)).join(", ");
  const caption = `Heat maps of the indirect effect: hidden state, MLP outputs, attention outputs restored. Rows are ${rows}; columns are layers 0 to ${trace.layers - 1}. Blue brings P(target) back, red takes it; full colour is ${top.toFixed(3)}.`;
  return { ...gridImage(grids, top), caption };
}

/** Before and, where there are edits, after them: tokens down, layers across; the bluer, the surer of its next word. */
export function lensImage({ tokens, cells, after, word }: Lens): Image {
  const sure = (grid: Lens["cells"]) =>
    tokens.map((_, token) =>
      grid.map((row) => (word ? row[token]?.word?.probability : row[token]?.top[0]?.probability) ?? 0),
    );
  const what = word ? `of ${JSON.stringify(word.text)}` : "of the likeliest next word";
  const sides = after ? "Without edits, and beside it with those in force: probability" : "Probability";
  const rows = tokens.map((token) => JSON.stringify(token)).join(", ");
  const caption = `${sides} ${what}, white for 0 to blue for 1. Rows are the tokens ${rows}; columns are layers 0 to ${cells.length - 1}.`;
  return { ...gridImage([sure(cells), ...(after ? [sure(after)] : [])], 1), caption };
}

/** Before and, where there are edits, after them: attention, MLP and each head down, layers across; blue speaks for A, red for B. */
export function attributionImage(found: Attribution): Image {
  const { targets, layers, after } = found;
  const sides: readonly Shares[] = after ? [found, after] : [found];
  const heads = layers[0]?.heads.length ?? 0;
  const grids = sides.map((side) => [
    side.layers.map(({ attention }) => attention),
    side.layers.map(({ mlp }) => mlp),
    ...Array.from({ length: heads }, (_, head) => side.layers.map((layer) => layer.heads[head] ?? 0)),
  ]);
  const top = Math.max(1e-9, ...grids.flat(2).map(Math.abs));
  const [a, b] = targets.map(({ token }) => JSON.stringify(token));
  const others = sides.map(
    ({ difference, embedding, rest }) =>
      `${difference.toFixed(3)}, of which embedding ${embedding.toFixed(3)} and rest ${rest.toFixed(3)}`,
  );
  const said = after ? `Without edits, and beside it with those in force: shares of` : "Shares of";
  const caption = `${said} logit(${a}) − logit(${b}) (${others.join("; ")}). Rows are attention, MLP, and attention's heads 0 to ${heads - 1}; columns are layers 0 to ${layers.length - 1}. Blue speaks for ${a}, red for ${b}; full colour is ${top.toFixed(3)} logits.`;
  return { ...gridImage(grids, top), caption };
}

/**
 * Grids of one size beside each other as a PNG file.
 *
 * @param grids of each its rows
 * @param top absolute value that is drawn in full colour
 */
function gridImage(grids: readonly (readonly (readonly number[])[])[], top: number): Omit<Image, "caption"> {
  const [first = []] = grids;
  const wide = (first[0]?.length ?? 0) * cell;
  const [width, height] = [grids.length * (wide + gap) - gap, first.length * cell];
  const data = new Uint8Array(width * height * 3).fill(255);
  for (const [g, grid] of grids.entries()) {
    for (const [row, values] of grid.entries()) {
      for (const [column, value] of values.entries()) {
        const full = value < 0 ? loss : gain;
        const share = Math.abs(value) / top;
        const colour = full.map((part, i) => Math.round((white[i] as number) * (1 - share) + part * share));
        fill(data, width, g * (wide + gap) + column * cell, row * cell, colour);
      }
    }
  }
  const png = encode({ width, height, data, channels: 3 });
  return { data: Buffer.from(png).toString("base64"), mimeType: "image/png" };
}

/** One cell, with a pixel of the ground left between it and the next. */
function fill(data: Uint8Array, width: number, x: number, y: number, colour: readonly number[]): void {
  for (let dy = 0; dy < cell - 1; dy++) {
    for (let dx = 0; dx < cell - 1; dx++) data.set(colour, ((y + dy) * width + x + dx) * 3);
  }
}
