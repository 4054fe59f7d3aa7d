import { type Cell, csv } from "./csv.ts";

export const attributionColumns = ["side", "layer", "part", "head", "position", "token", "share"];

interface Shares {
  readonly difference: number;
  readonly embedding: number;
  readonly rest: number;
  readonly layers: readonly {
    readonly attention: number;
    readonly mlp: number;
    readonly bias: number;
    readonly heads: readonly number[];
    readonly from: readonly (readonly number[])[];
  }[];
}

/**
 * An attribution, one line a share: the parts that add up to the difference, each head, and each head by the token that it
 * brought it from; every digit.
 */
export function attributionCsv(
  found: Shares & { readonly tokens: readonly string[]; readonly after?: Shares },
): string {
  const rows = (side: string, { difference, embedding, rest, layers }: Shares): Cell[][] => [
    [side, null, "difference", null, null, null, difference],
    [side, null, "embedding", null, null, null, embedding],
    ...layers.flatMap(({ attention, mlp, bias, heads, from }, layer): Cell[][] => [
      [side, layer, "attention", null, null, null, attention],
      [side, layer, "mlp", null, null, null, mlp],
      [side, layer, "bias", null, null, null, bias],
      ...heads.flatMap((share, head): Cell[][] => [
        [side, layer, "head", head, null, null, share],
        ...(from[head] ?? []).map((own, i): Cell[] => [side, layer, "head from", head, i, found.tokens[i] ?? "", own]),
      ]),
    ]),
    [side, null, "rest", null, null, null, rest],
  ];
  return csv(attributionColumns, [...rows("before", found), ...(found.after ? rows("after", found.after) : [])]);
}
