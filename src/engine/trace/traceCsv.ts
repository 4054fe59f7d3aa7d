import { type Trace, traceKinds } from "../../protocol/measurements.ts";

export const traceCsvHeader = "kind,place,token,role,layer,probability,effect";

/** One line a cell: kind, place, its role, layer, p(target) restored, indirect effect. */
export function traceCsv(trace: Trace): string {
  const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const lines = traceKinds.flatMap((kind) =>
    trace.places.flatMap(({ text, role }, place) =>
      Array.from({ length: trace.layers }, (_, layer) => {
        const of = (grid: readonly (readonly number[])[]) => String(grid[place]?.[layer]);
        const { probability, effect } = trace[kind];
        return [kind, String(place), quote(text), role, String(layer), of(probability), of(effect)].join(",");
      }),
    ),
  );
  return `${[traceCsvHeader, ...lines].join("\n")}\n`;
}
