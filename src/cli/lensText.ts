import type { Lens, LensCell, LensFit, LensView } from "../protocol/lens.ts";
import { count, fixed, percent } from "../text/numbers.ts";
import { visibleToken } from "../text/words.ts";

/** A lens for a terminal: the grid, the last layer above; the last token's figures by layer; what a fit rests on. */
export function lensText(looked: Lens, view: LensView): string {
  const { kind, cells, after, change, fit, warnings, seconds } = looked;
  const title = `The ${kind} lens: ${titles[view]} by layer and token`;
  const texts = (rows: Lens["cells"]) => rows.map((row) => row.map((cell) => cellText(cell, view)));
  const grids: [title: string, texts: string[][]][] = [
    [after ? `${title}, before` : title, texts(cells)],
    ...(after ? [["With the edits", texts(after)] as [string, string[][]]] : []),
    ...(change ? [["Changed: KL(after ‖ before), or the word", changeTexts(looked)] as [string, string[][]]] : []),
  ];
  const wide = Math.max(6, ...grids.flatMap(([, rows]) => rows.flat()).map(({ length }) => length));
  return [
    ...grids.flatMap(([name, rows]) => [name, ...gridLines(rows, looked.tokens, wide)]),
    ...lastToken(looked),
    ...(fit ? [fitText(fit)] : []),
    `  ${fixed(seconds, 1)} s`,
    ...warnings.map((warning) => `  note  ${warning}`),
  ].join("\n");
}

const titles: Record<LensView, string> = {
  words: "likeliest word",
  rank: "rank of the word",
  entropy: "entropy in nats",
  kl: "KL to the output in nats",
};

function gridLines(rows: readonly (readonly string[])[], tokens: readonly string[], wide: number): string[] {
  const line = (label: string, texts: readonly string[]) =>
    `  ${label.padStart(5)}  ${texts.map((text) => text.padEnd(wide)).join("  ")}`.trimEnd();
  return [line("", tokens.map(visibleToken)), ...rows.map((texts, layer) => line(String(layer), texts)).toReversed()];
}

function cellText({ top: [best], entropy, klToFinal, word }: LensCell, view: LensView): string {
  if (view === "entropy") return fixed(entropy, 2);
  if (view === "kl") return fixed(klToFinal, 2);
  if (view === "rank") return word ? count(word.rank) : "";
  return best ? `${visibleToken(best.token)} ${percent(best.probability, 0)}` : "";
}

/** Of each cell the two words where the edits changed it, else how far the distribution moved. */
function changeTexts({ cells, after, change }: Lens): string[][] {
  const best = (cell: LensCell | undefined) => visibleToken(cell?.top[0]?.token ?? "");
  return (change ?? []).map((row, layer) =>
    row.map(({ kl }, token) => {
      const [was, is] = [best(cells[layer]?.[token]), best(after?.[layer]?.[token])];
      return was === is ? fixed(kl, 2) : `${was} → ${is}`;
    }),
  );
}

/** Entropy, KL to the output and the followed word at the last token, a layer a line; with edits also after them. */
function lastToken({ tokens, cells, after, change, word }: Lens): string[] {
  const figures = ({ entropy, klToFinal, word: own }: LensCell) => [
    fixed(entropy, 2).padStart(7),
    fixed(klToFinal, 2).padStart(7),
    ...(own ? [count(own.rank).padStart(7), percent(own.probability).padStart(8)] : []),
  ];
  const head = ["entropy", "     KL", ...(word ? ["   rank", "       P"] : [])].join("  ");
  const changed = (layer: number): string => {
    const [is, moved] = [after?.[layer]?.at(-1), change?.[layer]?.at(-1)];
    return is && moved ? `  →  ${figures(is).join("  ")}  ${fixed(moved.kl, 2).padStart(7)}` : "";
  };
  const rows = cells.map((row, layer) => {
    const before = row.at(-1);
    return `  ${String(layer).padStart(5)}  ${before ? figures(before).join("  ") : ""}${changed(layer)}`;
  });
  const about = word ? `; rank and P of ${JSON.stringify(word.token)}` : "";
  return [
    `At the last token, ${JSON.stringify(tokens.at(-1) ?? "")}, by layer: entropy and KL to the output in nats${about}${after ? "; with the edits; KL(after ‖ before)" : ""}`,
    `  layer  ${head}${after ? `  →  ${head}  changed` : ""}`,
    ...rows.toReversed(),
  ];
}

function fitText({ text, tokens, distinct, rank, width, error }: LensFit): string {
  const along = rank < width ? `, along ${count(rank)} of ${count(width)} directions` : "";
  const wrong = error
    ? `; on ${count(error.tokens)} other tokens off by ${errorRange(error.mean)} (mean), ${errorRange(error.token)} (each)`
    : "; error not measured: the text has fewer than ten documents";
  const many = distinct < tokens ? `${count(tokens)} products over ${count(distinct)} distinct` : count(tokens);
  return `  fit     ${many} tokens of ${text}${along}${wrong}`;
}

/** Of all layers the smallest and the largest. */
function errorRange(errors: readonly number[]): string {
  return [Math.min(...errors), Math.max(...errors)].map((error) => percent(error, 0)).join(" to ");
}
