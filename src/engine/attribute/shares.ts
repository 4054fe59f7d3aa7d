import type { LayerShares, Shares } from "../../protocol/attribution.ts";
import { throwIfCancelled } from "../../protocol/errors.ts";
import type { Run } from "../../protocol/run.ts";
import type { Model } from "../model/model.ts";
import { dot } from "../numerics/vectors.ts";
import { adaptersOf, type Row } from "../rome/adapters.ts";
import { differenceAt, headSlopes } from "./frozen.ts";

/** What one run of a prompt gave inside. */
export interface Inside {
  readonly shares: Shares;
  /** A head's pattern: row i is what token i looks at [n][n]. */
  pattern(layer: number, head: number): number[][];
}

/**
 * Direct logit attribution (Elhage et al. 2021, "A Mathematical Framework for Transformer Circuits"): the stream behind
 * the last layer is the sum of the embedding and of what every layer's attention and MLP add, so the difference of two
 * logits is a sum of their shares, once the final norm is linear. It is made so exactly: its scale (and that of a norm
 * behind attention or MLP, and a logit cap's factor) is held at this run's own. Shares say how the run's sum is made up,
 * not what would happen without a part: its loss would change the scales.
 *
 * @param onLayer told of each layer that is done
 */
export async function insideOf(
  model: Model,
  row: Row,
  targets: readonly [number, number],
  run: Run,
  onLayer: (done: number) => void,
): Promise<Inside> {
  const { layers: count, heads } = model.size;
  const tokens = model.tokenizer.encode(row.prompt);
  const n = tokens.length;
  const spec = { to: count - 1, stream: true, inside: "parts" } as const;
  const { inside, stream } = await model.forward(
    spec,
    { tokens: [tokens], adapters: adaptersOf(model.tokenizer, [row]) },
    run,
  );
  const last = (values: Float32Array) => values.subarray(values.length - values.length / n);
  const { value, direction, rest } = await differenceAt(model, last(stream), targets, run);
  const share = (name: string) => dot(direction, last(inside[name] as Float32Array));
  const layers: LayerShares[] = [];
  for (const layer of model.layers) {
    throwIfCancelled(run.signal);
    const merged = last(inside[`heads.${layer}`] as Float32Array);
    const { slopes, bias } = await headSlopes(model, layer, merged, direction, run);
    layers.push({
      attention: share(`attention.${layer}`),
      mlp: share(`mlp.${layer}`),
      heads: parts(slopes, heads).map((own, head) => dot(own, parts(merged, heads)[head] as Float32Array)),
      bias,
      from: broughtFrom(model, slopes, {
        shares: inside[`shares.${layer}`] as Float32Array,
        values: inside[`present.${layer}.value`] as Float32Array,
      }),
    });
    onLayer(layer + 1);
  }
  const embedding = dot(direction, last(inside.embedding as Float32Array));
  return {
    shares: { difference: value, embedding, layers, rest },
    pattern(layer, head) {
      const all = inside[`shares.${layer}`] as Float32Array;
      const row = (i: number) => Array.from(all.subarray((head * n + i) * n, (head * n + i + 1) * n));
      return Array.from({ length: n }, (_, i) => row(i));
    },
  };
}

/** A vector cut into equal parts. */
function parts(vector: Float32Array, count: number): Float32Array[] {
  const size = vector.length / count;
  return Array.from({ length: count }, (_, i) => vector.subarray(i * size, (i + 1) * size));
}

/**
 * What each head brings the last token from every token: its attention there, times what that token's value is worth.
 *
 * @param slopes [heads·headSize]
 * @param seen shares of attention [heads, n, n] and values [keyHeads, n, headSize]
 */
function broughtFrom(
  { size: { heads, keyHeads } }: Model,
  slopes: Float32Array,
  { shares, values }: { readonly shares: Float32Array; readonly values: Float32Array },
): number[][] {
  const patterns = parts(shares, heads);
  const ofKeyHeads = parts(values, keyHeads);
  return parts(slopes, heads).map((slope, head) => {
    const pattern = patterns[head] as Float32Array;
    const n = Math.sqrt(pattern.length);
    const tokens = parts(ofKeyHeads[Math.floor((head * keyHeads) / heads)] as Float32Array, n);
    return tokens.map((value, token) => (pattern[(n - 1) * n + token] as number) * dot(slope, value));
  });
}
