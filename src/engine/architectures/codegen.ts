import * as v from "valibot";
import { RomeError } from "../../protocol/errors.ts";
import type { Tensor } from "../graph/graph.ts";
import { linear } from "../graph/linear.ts";
import { reshape, split } from "../graph/shape.ts";
import type { Dimension } from "../graph/types.ts";
import type { Architecture } from "./architecture.ts";
import { readConfig } from "./config.ts";
import { gptjFields, gptjLike } from "./gptj.ts";

const schema = v.object({
  model_type: v.literal("codegen"),
  ...gptjFields,
  scale_attn_weights: v.optional(v.literal(true)),
});

/** Parts that the model was trained in: the rows of the fused matrix lie by them. */
const shards = 4;

/**
 * CodeGen (Nijkamp et al. 2022; transformers' CodeGenForCausalLM): GPT-J's blocks, with query, value and key in one matrix,
 * in that order, once for each quarter of the heads.
 */
export function codegen(config: Record<string, unknown>): Architecture {
  const c = readConfig(schema, config);
  if (c.n_head % shards !== 0)
    throw new RomeError("architecture", `config.json: n_head ${c.n_head} is not a multiple of ${shards}.`);
  return gptjLike(c, (weight, h, { width: d }, queries) => {
    const [tokens, quarter] = [h.shape[0] as Dimension, d / shards];
    const fused = reshape(linear(h, weight("attn.qkv_proj.weight", 3 * d, d)), [tokens, shards, 3 * quarter]);
    const parts = split(fused, 2, [quarter, quarter, quarter]);
    const [query, value, key] = parts.map((part) => reshape(part, [tokens, d])) as [Tensor, Tensor, Tensor];
    return { query: queries.of(query), key, value };
  });
}
