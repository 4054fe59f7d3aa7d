import { join } from "node:path";
import * as v from "valibot";
import { RomeError } from "../../protocol/errors.ts";
import { anyObject, damagedFile, describeIssue, readJson, shorten } from "./sourceFile.ts";
import { byteCharacters, byteTokens } from "./tokenBytes.ts";
import type { Fields } from "./tokenizerParts.ts";

const id = v.pipe(
  v.number(),
  v.safeInteger(),
  v.minValue(0),
  v.maxValue(2 ** 31 - 1, "is larger than any tokenizer has"),
);
// Not v.record, which passes over tokens that are called like JavaScript's own properties ("constructor").
const vocabulary = v.custom<Record<string, number>>(
  (value) => v.is(anyObject, value) && Object.values(value).every((entry) => v.is(id, entry)),
  "it is not a map from tokens to ids",
);
const component = v.optional(v.nullable(v.looseObject({ type: v.string() })), null);
const flag = v.optional(v.boolean());
const merge = v.union([v.pipe(v.string(), v.regex(/^[^ ]+ [^ ]+$/)), v.tuple([v.string(), v.string()])]);
const addedToken = v.looseObject({
  id,
  content: v.pipe(v.string(), v.nonEmpty()),
  single_word: flag,
  lstrip: flag,
  rstrip: flag,
  normalized: flag,
  special: flag,
});
const tokenizerSchema = v.looseObject({
  added_tokens: v.optional(v.nullable(v.array(addedToken)), []),
  normalizer: component,
  pre_tokenizer: component,
  post_processor: component,
  decoder: component,
  model: v.looseObject({
    type: v.optional(v.string(), "BPE"),
    vocab: vocabulary,
    merges: v.array(merge),
    unk_token: v.nullish(v.string()),
    byte_fallback: v.nullish(v.boolean()),
  }),
});
const kindSchema = v.looseObject({ model: v.looseObject({ type: v.optional(v.string()), vocab: v.unknown() }) });

/** tokenizer.json, with tokens of which kind. */
export interface TokenizerFile {
  readonly path: string;
  readonly fields: v.InferOutput<typeof tokenizerSchema>;
  readonly added: readonly v.InferOutput<typeof addedToken>[];
  /** Every token by its id. */
  readonly tokens: ReadonlyMap<number, string>;
  /** What stands for a blank in SentencePiece tokens; undefined where each character of a token stands for a byte. */
  readonly space: string | undefined;
}

/**
 * Reads tokenizer.json of a model's folder.
 *
 * @throws RomeError ("tokenizer") if it is missing, damaged, or no BPE, byte-level or of SentencePiece's kind
 */
export async function readTokenizerFile(folder: string): Promise<TokenizerFile> {
  const path = join(folder, "tokenizer.json");
  const json = await readJson(path, "tokenizer", anyObject).catch((error) => {
    if (error.cause?.code !== "ENOENT") throw error;
    throw new RomeError(
      "tokenizer",
      `${folder} has no tokenizer.json. Copy it from the model's source; where only vocab.json and merges.txt, or a tokenizer.model, exist, ` +
        "AutoTokenizer.from_pretrained(folder).save_pretrained(folder) in Python writes it.",
    );
  });
  checkKind(path, json);
  const checked = v.safeParse(tokenizerSchema, json, { abortEarly: true });
  if (!checked.success) throw damagedFile(path, "tokenizer", describeIssue(checked.issues[0]));
  const fields = checked.output;
  const { model } = fields;
  // A token that the vocabulary has keeps its id there, as in the original.
  const added = (fields.added_tokens ?? []).map((token) =>
    Object.hasOwn(model.vocab, token.content) ? { ...token, id: model.vocab[token.content] as number } : token,
  );
  const space = isByteLevel(fields.decoder) && isByteLevel(fields.pre_tokenizer) ? undefined : spaceOf(fields.decoder);
  if (space === undefined && !isByteLevel(fields.decoder))
    throw otherKind(path, "a BPE tokenizer whose tokens stand neither for bytes nor for text");
  if (space === undefined && !isByteLevel(fields.pre_tokenizer))
    throw otherKind(path, "a BPE tokenizer of mixed parts");
  checkModel(path, fields, space === undefined);
  return { path, fields, added, tokens: tokensById(path, model.vocab, added), space };
}

function otherKind(path: string, kind: string): RomeError {
  return new RomeError(
    "tokenizer",
    `${path} is ${kind}. Only byte-level BPE (as GPT-2 has it) and BPE with byte fallback (as Llama 2 has it) are supported.`,
  );
}

/** RomeError that names the kind of a sound tokenizer which is not BPE. */
function checkKind(path: string, json: unknown): void {
  const parsed = v.safeParse(kindSchema, json);
  if (!parsed.success) return;
  const { type, vocab } = parsed.output.model;
  const kind = type ?? (Array.isArray(vocab) ? "Unigram" : "BPE");
  if (kind !== "BPE") throw otherKind(path, `a ${shorten(kind, 40)} tokenizer, not BPE`);
}

/** Every token at its id; RomeError where two have the same. */
function tokensById(
  path: string,
  vocab: Readonly<Record<string, number>>,
  added: readonly { readonly id: number; readonly content: string }[],
): Map<number, string> {
  const ids = new Map(Object.entries(vocab));
  for (const { content, id } of added) ids.set(content, id);
  const tokens = new Map<number, string>();
  for (const [token, id] of ids) {
    if (tokens.has(id)) throw damagedFile(path, "tokenizer", `the id ${id} of "${shorten(token)}" is used twice`);
    tokens.set(id, token);
  }
  return tokens;
}

/** RomeError unless the model has all that its merges make, and what a text needs. */
function checkModel(path: string, { model }: TokenizerFile["fields"], byteLevel: boolean): void {
  const damaged = (what: string) => damagedFile(path, "tokenizer", what);
  const unsupported = ["continuing_subword_prefix", "end_of_word_suffix", "dropout"].find((field) => model[field]);
  if (unsupported)
    throw new RomeError("tokenizer", `${path} uses "${unsupported}", which is not supported by this program.`);
  if (model.unk_token != null && !Object.hasOwn(model.vocab, model.unk_token))
    throw damaged(`its unk_token "${shorten(model.unk_token)}" has no id`);
  // Some published vocabularies (SmolLM2) lack bytes that their corpus never had, which are passed over; what prints in ASCII none can lack.
  const bytes = byteLevel ? byteCharacters : model.byte_fallback ? byteTokens : [];
  const missing = bytes.slice(0x21, 0x7f).filter((character) => !Object.hasOwn(model.vocab, character));
  if (missing.length > 0 && (!byteLevel || model.unk_token == null))
    throw damaged(`${missing.length} of the 94 printing ASCII characters have no token`);
  for (const pair of model.merges) {
    const product = typeof pair === "string" ? pair.replace(" ", "") : pair.join("");
    if (!Object.hasOwn(model.vocab, product)) throw damaged(`its merges make "${shorten(product)}", which has no id`);
  }
}

/** A part, or the parts of a sequence. */
function partsOf(part: Fields | null): Fields[] {
  const inner = [part?.normalizers, part?.pretokenizers, part?.decoders].find(Array.isArray) as unknown[] | undefined;
  return part ? [part, ...(inner ?? []).flatMap((one) => (v.is(anyObject, one) ? partsOf(one) : []))] : [];
}

function isByteLevel(part: Fields | null): boolean {
  return partsOf(part).some(({ type }) => type === "ByteLevel");
}

/** What a decoder turns into a blank. */
function spaceOf(decoder: Fields | null): string | undefined {
  for (const { type, replacement, pattern, content } of partsOf(decoder)) {
    if (type === "Metaspace") return typeof replacement === "string" ? replacement : "\u2581";
    const text = v.is(anyObject, pattern) ? pattern.String : undefined;
    if (type === "Replace" && content === " " && typeof text === "string" && text !== "") return text;
  }
  return undefined;
}

/** The normaliser or pre-tokeniser without what puts a blank before a text. */
export function withoutPrefix(part: Fields | null): Fields | null {
  if (part?.type === "Prepend") return { type: "Sequence", normalizers: [] };
  if (part?.type === "Metaspace") return { ...part, prepend_scheme: "never" };
  const inner = (name: string) => {
    const parts = part?.[name];
    return Array.isArray(parts) ? { [name]: parts.map((one) => withoutPrefix(one as Fields | null)) } : {};
  };
  return part && { ...part, ...inner("normalizers"), ...inner("pretokenizers") };
}
