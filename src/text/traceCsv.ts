import { csv } from "./csv.ts";

export const traceColumns = ["kind", "place", "token", "role", "layer", "probability", "effect"];

interface Grids {
  readonly probability: readonly (readonly number[])[];
  readonly effect: readonly (readonly number[])[];
}

interface Traced {
  readonly layers: number;
  readonly places: readonly { readonly text: string; readonly role: string }[];
}

/**
 * A causal trace, one line a cell: kind, place, its token and role, layer, p(target) restored, indirect effect; every
 * digit.
 *
 * @param kinds what was restored, each a grid of places × layers
 */
export function traceCsv<Kind extends string>(kinds: readonly Kind[], trace: Traced & Record<Kind, Grids>): string {
  const row = (kind: Kind, place: number, layer: number) => {
    const { text, role } = trace.places[place] as Traced["places"][number];
    const { probability, effect } = trace[kind] as Grids;
    return [kind, place, text, role, layer, probability[place]?.[layer] ?? null, effect[place]?.[layer] ?? null];
  };
  return csv(
    traceColumns,
    kinds.flatMap((kind) =>
      trace.places.flatMap((_, place) => Array.from({ length: trace.layers }, (_, layer) => row(kind, place, layer))),
    ),
  );
}
