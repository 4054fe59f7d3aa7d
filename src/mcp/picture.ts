import { encode } from "fast-png";
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
  const wide = trace.layers * cell;
  const [width, height] = [grids.length * (wide + gap) - gap, trace.places.length * cell];
  const data = new Uint8Array(width * height * 3).fill(255);
  for (const [g, grid] of grids.entries()) {
    for (const [row, effects] of grid.entries()) {
      for (const [layer, effect] of effects.entries()) {
        const full = effect < 0 ? loss : gain;
        const share = Math.abs(effect) / top;
        const colour = full.map((value, i) => Math.round((white[i] as number) * (1 - share) + value * share));
        fill(data, width, g * (wide + gap) + layer * cell, row * cell, colour);
      }
    }
  }
  const rows = trace.places.map(({ text }) => JSON.stringify(text)).join(", ");
  const caption = `Heat maps of the indirect effect: hidden state, MLP outputs, attention outputs restored. Rows are ${rows}; columns are layers 0 to ${trace.layers - 1}. Blue brings P(target) back, red takes it; full colour is ${top.toFixed(3)}.`;
  return {
    data: Buffer.from(encode({ width, height, data, channels: 3 })).toString("base64"),
    mimeType: "image/png",
    caption,
  };
}

/** One cell, with a pixel of the ground left between it and the next. */
function fill(data: Uint8Array, width: number, x: number, y: number, colour: readonly number[]): void {
  for (let dy = 0; dy < cell - 1; dy++) {
    for (let dx = 0; dx < cell - 1; dx++) data.set(colour, ((y + dy) * width + x + dx) * 3);
  }
}
