/** A causal trace in words and numbers: what a cell says, the rows of a table, CSV. */
import { t } from "@vscode/l10n";
import { type Trace, type TraceKind, traceKinds } from "../../../protocol/measurements.ts";
import { signed, typesetPercent } from "../../../text/numbers.ts";

/** A cell of a heat map. */
export interface Cell {
  readonly place: number;
  readonly layer: number;
}

export const kindTitle = (kind: TraceKind): string =>
  ({
    hidden: t("Hidden state restored"),
    mlp: t("MLP outputs restored"),
    attention: t("Attention outputs restored"),
  })[kind];

/** The largest absolute effect of all three kinds; never 0. */
function strongest(trace: Trace): number {
  const all = traceKinds.flatMap((kind) => trace[kind].effect.flat());
  return all.reduce((most, effect) => Math.max(most, Math.abs(effect)), 1e-9);
}

/** The effect that is full colour: a round number above all effects, so that weak ones look weak. */
export function fullEffect(trace: Trace): number {
  const most = strongest(trace);
  return [0.25, 0.5].find((full) => most <= full) ?? 1;
}

/** The noise hardly lowers the answer, so that there is hardly anything to bring back. */
export function isSpared({ clean, corrupted }: Pick<Trace, "clean" | "corrupted">): boolean {
  return clean - corrupted < 0.1;
}

/** The cell that brings back most; the first of equals. */
export function strongestCell(trace: Trace, kind: TraceKind): Cell {
  let best: Cell = { place: 0, layer: 0 };
  const at = ({ place, layer }: Cell) => trace[kind].effect[place]?.[layer] ?? 0;
  for (let place = 0; place < trace.places.length; place++)
    for (let layer = 0; layer < trace.layers; layer++) if (at({ place, layer }) > at(best)) best = { place, layer };
  return best;
}

/** A place's token, with its spaces to be seen and the name's own tokens marked by a star. */
export function placeLabel({ text, role }: Trace["places"][number]): string {
  const visible = text.replaceAll("\n", "↵").replace(/^ /, "␣");
  const short = visible.length > 22 ? `${visible.slice(0, 21)}…` : visible;
  return role === "before" || role === "after" ? short : `${short}*`;
}

export function cellText(trace: Trace, kind: TraceKind, { place, layer }: Cell): string {
  const { effect, probability } = trace[kind];
  const row = trace.places[place];
  return t(
    "{0}, layer {1}: effect {2}, P(target) {3}",
    row ? placeLabel(row) : "",
    layer,
    signed(effect[place]?.[layer] ?? 0, 3),
    typesetPercent(probability[place]?.[layer] ?? 0),
  );
}
