import type { Trace, TraceKind } from "../../protocol/measurements.ts";
import { fixed, percent } from "../../text/numbers.ts";
import { visibleToken } from "../../text/words.ts";
import { at, type Frame, frame, picture } from "../report/chart.ts";
import { type Html, html } from "../report/html.ts";

export const kindTitles: Record<TraceKind, string> = {
  hidden: "Hidden state restored",
  mlp: "MLP outputs restored",
  attention: "Attention outputs restored",
};

const rowHeight = 24;
const [width, labels] = [380, 148];

/** The largest absolute effect of all kinds: full colour. */
export function strongest(trace: Trace): number {
  const all = [trace.hidden, trace.mlp, trace.attention].flatMap(({ effect }) => effect.flat());
  return Math.max(1e-9, ...all.map(Math.abs));
}

export function heatMapFrame({ places }: Trace): Frame {
  const [top, bottom] = [6, 40];
  return frame(width, top + bottom + rowHeight * places.length, { left: labels, right: 6, top, bottom });
}

/** Token × layer: the fuller a cell's colour, the more of p(target) restoring that place brings back or takes. */
export function heatMap(trace: Trace, kind: TraceKind): Html {
  const { places, layers, editLayer } = trace;
  const area = heatMapFrame(trace);
  const top = strongest(trace);
  const cell = (area.right - area.left) / layers;
  const left = (layer: number) => area.left + layer * cell;
  const every = Math.ceil(layers / 12);
  const { effect, probability } = trace[kind];
  return picture(
    area,
    `Heat map of the indirect effect, ${kindTitles[kind].toLowerCase()}: ${places.length} tokens by ${layers} layers.`,
    places.map(({ text, role }, place) => {
      const y = area.top + place * rowHeight;
      const subject = role !== "before" && role !== "after";
      return html`<text class="${subject ? "subject" : "quiet"}" x="${area.left - 8}" y="${y + rowHeight / 2}" dy="0.35em" text-anchor="end">${visibleToken(text)}${subject && "*"}</text>${Array.from(
        { length: layers },
        (_, layer) => {
          const value = effect[place]?.[layer] ?? 0;
          const tip = `${visibleToken(text)}, layer ${layer}\neffect ${fixed(value, 3)}, P(target) ${percent(probability[place]?.[layer] ?? 0)}`;
          return html`<rect class="cell ${value < 0 ? "loss" : "gain"}" x="${at(left(layer) + 0.5)}" y="${at(y + 0.5)}" width="${at(cell - 1)}" height="${rowHeight - 1}" fill-opacity="${(Math.abs(value) / top).toFixed(3)}" data-tip="${tip}"/>`;
        },
      )}`;
    }),
    html`<rect class="chosen" x="${at(left(editLayer))}" y="${area.top}" width="${at(cell)}" height="${area.bottom - area.top}"/>`,
    html`<g class="axes">${Array.from({ length: layers }, (_, layer) =>
      layer % every === 0 || layer === editLayer
        ? html`<text x="${at(left(layer) + cell / 2)}" y="${area.bottom + 15}" text-anchor="middle">${layer}</text>`
        : false,
    )}<text class="title" x="${at((area.left + area.right) / 2)}" y="${area.height - 6}" text-anchor="middle">${
      kind === "hidden" ? "layer" : `centre of a window of ${trace.window} layers`
    }</text></g>`,
  );
}
