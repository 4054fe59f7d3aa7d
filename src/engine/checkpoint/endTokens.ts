import { join } from "node:path";
import * as v from "valibot";
import { readJson } from "./sourceFile.ts";

const id = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const named = v.object({
  eos_token: v.optional(
    v.fallback(v.nullish(v.union([v.string(), v.looseObject({ content: v.string() })])), undefined),
  ),
});
const numbered = v.object({ eos_token_id: v.optional(v.fallback(v.nullish(v.union([id, v.array(id)])), undefined)) });

/** A file of the model's folder, or nothing where it is not there. */
async function readOptional<Schema extends v.GenericSchema>(folder: string, name: string, schema: Schema) {
  return readJson(join(folder, name), "tokenizer", schema).catch((error) => {
    if (error.cause?.code !== "ENOENT") throw error;
    return undefined;
  });
}

/**
 * Every token that ends a text: the one that tokenizer_config.json names comes first, then those that config.json and
 * generation_config.json number; where none is given, the usual one, if the vocabulary has it.
 *
 * @throws RomeError ("tokenizer") for a file that is there, but no JSON object
 */
export async function readEndTokens(
  folder: string,
  idOf: (token: string) => number | undefined,
  has: (id: number) => boolean,
): Promise<number[]> {
  const { eos_token: token } = (await readOptional(folder, "tokenizer_config.json", named)) ?? {};
  const files = ["config.json", "generation_config.json"].map((name) => readOptional(folder, name, numbered));
  const ids = (await Promise.all(files)).flatMap((file) => file?.eos_token_id ?? []);
  const content = typeof token === "string" ? token : token?.content;
  const first = content === undefined ? undefined : idOf(content);
  const given = first === undefined ? ids : [first, ...ids];
  const all = given.length > 0 || content !== undefined ? given : [idOf("<|endoftext|>") ?? -1];
  return [...new Set(all)].filter(has);
}
