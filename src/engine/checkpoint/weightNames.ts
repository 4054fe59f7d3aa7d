import { shorten } from "./sourceFile.ts";
import type { WeightLocation } from "./tensor.ts";

/** What training wrappers put into a name: torch's DataParallel, compile, FSDP and activation checkpointing. */
const wrappers = /(^|\.)(module|_orig_mod|_fsdp_wrapped_module|_checkpoint_wrapped_module)(?=\.)/g;
/** A module called "model" around the whole model. */
const around = /^model\.(?=(model|transformer|gpt_neox|lm_head|embed_out)\.)/;

/** A weight's name without what was put around the model when it was trained. */
export function plainName(stored: string): string {
  return stored.replace(wrappers, "").replace(/^\./, "").replace(around, "");
}

/** Weights by their plain names; a name as it stands goes before one that wrappers changed. */
export function byPlainName(weights: ReadonlyMap<string, WeightLocation>): Map<string, WeightLocation> {
  const plain = new Map([...weights].map(([name, weight]) => [plainName(name), weight]));
  for (const [name, weight] of weights) plain.set(name, weight);
  return plain;
}

/** The output head and the token embedding, by every name that the families have for them. */
const heads = ["lm_head.weight", "embed_out.weight"];
const embeddings = ["model.embed_tokens.weight", "transformer.wte.weight", "gpt_neox.embed_in.weight"];
/** Families whose config.json ties head and embedding where it does not say (transformers' defaults). */
const tiedByDefault = new Set<unknown>(["gpt2", "gpt_neo", "gemma2", "gemma3_text"]);

/** Names under which a weight may lie, the likeliest first. A base model's checkpoint lacks their first part. */
function candidates(name: string): string[] {
  const same = heads.includes(name) ? heads : [name];
  return same.flatMap((one) => [one, one.replace(/^(transformer|model|gpt_neox)\./, "")]);
}

/** Finds a weight by its full name; where head and embedding are one matrix, under either's name. */
export function lookUp(
  plain: ReadonlyMap<string, WeightLocation>,
  config: Readonly<Record<string, unknown>>,
  name: string,
): WeightLocation | undefined {
  const tied = (config.tie_word_embeddings ?? tiedByDefault.has(config.model_type)) === true;
  const twins = !tied ? [] : embeddings.includes(name) ? heads : heads.includes(name) ? embeddings : [];
  return [name, ...twins]
    .flatMap(candidates)
    .map((one) => plain.get(one))
    .find(Boolean);
}

/** Head and embedding, where both are stored, each at a place of its own. */
export function separateHead(
  plain: ReadonlyMap<string, WeightLocation>,
): { head: WeightLocation; embedding: WeightLocation } | undefined {
  const first = (names: readonly string[]) =>
    names
      .flatMap(candidates)
      .map((name) => plain.get(name))
      .find(Boolean);
  const [head, embedding] = [first(heads), first(embeddings)];
  if (!head || !embedding) return undefined;
  return head.file === embedding.file && head.offset === embedding.offset ? undefined : { head, embedding };
}

/** A few words on what a checkpoint holds in place of a weight that it lacks. */
export function hintAt(plain: ReadonlyMap<string, WeightLocation>, name: string): string {
  if (plain.size === 0) return "No weight of a type that can be run is there";
  const tail = name.split(".").slice(-2).join(".");
  const near = [...plain.values()].find((weight) => weight.name.endsWith(tail)) ?? [...plain.values()][0];
  return `The ${plain.size} weights there have other names, such as "${shorten(near?.name ?? "")}"`;
}
