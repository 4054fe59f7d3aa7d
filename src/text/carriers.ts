/** What carries a difference of logits: the parts with the largest shares, or whose shares edits moved most. */
import { signed } from "./numbers.ts";
import { visibleToken } from "./words.ts";

interface Shares {
  readonly difference: number;
  readonly embedding: number;
  readonly layers: readonly {
    readonly mlp: number;
    readonly heads: readonly number[];
    readonly from: readonly (readonly number[])[];
  }[];
}

/** A part and what it carries; a head with the token that it brings most of it from. */
export interface Carrier {
  readonly part: "embedding" | "mlp" | "head";
  readonly layer?: number;
  readonly head?: number;
  readonly token?: number;
  readonly share: number;
}

/** The parts that carry more than nothing, the largest share first; with `after`, what it is more or less than before. */
export function carriers(before: Shares, after?: Shares): Carrier[] {
  const move = (of: (shares: Shares) => number | undefined) =>
    after ? (of(after) ?? 0) - (of(before) ?? 0) : (of(before) ?? 0);
  const found: Carrier[] = [{ part: "embedding", share: move(({ embedding }) => embedding) }];
  for (const [layer, { heads, from }] of before.layers.entries()) {
    found.push({ part: "mlp", layer, share: move(({ layers }) => layers[layer]?.mlp) });
    for (const head of heads.keys()) {
      const tokens = (from[head] ?? []).map((_, token) => move(({ layers }) => layers[layer]?.from[head]?.[token]));
      const token = tokens.reduce((best, value, i) => (Math.abs(value) > Math.abs(tokens[best] ?? 0) ? i : best), 0);
      found.push({ part: "head", layer, head, token, share: move(({ layers }) => layers[layer]?.heads[head]) });
    }
  }
  return found.filter(({ share }) => Math.abs(share) >= 0.005).sort((a, b) => Math.abs(b.share) - Math.abs(a.share));
}

/** "MLP 2 +7.3", "head 4.1 +3.2 from ␣Ben". */
export function carrierText({ part, layer, head, token, share }: Carrier, tokens: readonly string[]): string {
  const name = part === "embedding" ? "embedding" : part === "mlp" ? `MLP ${layer}` : `head ${layer}.${head}`;
  const from = token === undefined ? "" : ` from ${visibleToken(tokens[token] ?? "")}`;
  return `${name} ${signed(share, 2)}${from}`;
}
