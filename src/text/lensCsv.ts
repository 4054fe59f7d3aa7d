import { type Cell, csv } from "./csv.ts";

export const lensColumns = [
  "side",
  "layer",
  "position",
  "token",
  "rank",
  "word",
  "probability",
  "entropy",
  "klToFinal",
  "wordRank",
  "wordProbability",
  "klChange",
];

interface LensCell {
  readonly top: readonly { readonly token: string; readonly probability: number }[];
  readonly entropy: number;
  readonly klToFinal: number;
  readonly word?: { readonly rank: number; readonly probability: number };
}

interface Looked {
  readonly tokens: readonly string[];
  readonly cells: readonly (readonly LensCell[])[];
  readonly after?: readonly (readonly LensCell[])[];
  readonly change?: readonly (readonly { readonly kl: number }[])[];
}

/**
 * A lens, one line a word of a cell: before and after the edits, layer, token, the word and its probability; every digit.
 * `klChange` is KL(after ‖ before), beside what is after.
 */
export function lensCsv({ tokens, cells, after, change }: Looked): string {
  const rows = (side: string, grid: Looked["cells"]): Cell[][] =>
    grid.flatMap((row, layer) =>
      row.flatMap(({ top, entropy, klToFinal, word }, position) =>
        top.map(({ token, probability }, i) => [
          side,
          layer,
          position,
          tokens[position] ?? "",
          i + 1,
          token,
          probability,
          entropy,
          klToFinal,
          word?.rank ?? null,
          word?.probability ?? null,
          (side === "after" ? change?.[layer]?.[position]?.kl : undefined) ?? null,
        ]),
      ),
    );
  return csv(lensColumns, [...rows("before", cells), ...(after ? rows("after", after) : [])]);
}
