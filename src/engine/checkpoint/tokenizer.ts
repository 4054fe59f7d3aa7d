import { join } from "node:path";
import {
  ByteLevelPreTokenizer,
  DigitsPreTokenizer,
  Tokenizer as Library,
  type PreTokenizer,
  SequencePreTokenizer,
} from "@huggingface/tokenizers";
import * as v from "valibot";
import { RomeError } from "../run/errors.ts";
import { bytesOf, byteTokens, isByteFallback, repairByteRuns } from "./byteFallback.ts";
import { anyObject, damagedFile, readJson, shorten } from "./sourceFile.ts";

/** Text to token ids and back. */
export interface Tokenizer {
  /**
   * Token ids of a text as the model reads it: after the begin-of-text token, where the tokenizer puts one. The text of
   * a special token becomes that token.
   */
  encode(text: string): number[];
  /** Token ids of what follows other text, a target for instance: nothing is put before it. */
  continuation(text: string): number[];
  /** The text of tokens, special ones included. Bytes that are no whole character become U+FFFD. */
  decode(ids: readonly number[]): string;
  /** The text of one token. */
  token(id: number): string;
  /** Bytes of UTF-8 that one token stands for. */
  byteLength(id: number): number;
  /** Number of tokens: ids are 0 … size - 1. A model's output head may have more rows. */
  readonly size: number;
  /** The token that ends a text, if the tokenizer names one. */
  readonly endOfText: number | undefined;
}

const id = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
// Not v.record, which passes over tokens that are called like JavaScript's own properties ("constructor").
const vocabulary = v.custom<Record<string, number>>(
  (value) => v.is(anyObject, value) && Object.values(value).every((entry) => v.is(id, entry)),
  "it is not a map from tokens to ids",
);
const component = v.nullable(v.looseObject({ type: v.string() }));
const merge = v.union([v.pipe(v.string(), v.regex(/^\S+ \S+$/)), v.tuple([v.string(), v.string()])]);
const tokenizerSchema = v.looseObject({
  added_tokens: v.optional(v.array(v.looseObject({ id, content: v.pipe(v.string(), v.nonEmpty()) })), []),
  normalizer: component,
  pre_tokenizer: component,
  post_processor: component,
  decoder: component,
  model: v.looseObject({
    type: v.optional(v.string(), "BPE"),
    vocab: vocabulary,
    merges: v.array(merge),
    unk_token: v.nullish(v.string()),
  }),
});
type TokenizerFile = v.InferOutput<typeof tokenizerSchema>;

const eosSchema = v.object({ eos_token: v.nullish(v.union([v.string(), v.looseObject({ content: v.string() })])) });

/**
 * Loads tokenizer.json (byte-level BPE, or BPE that falls back to bytes) of a model's folder.
 *
 * @throws RomeError ("tokenizer") if it is missing, damaged or of another kind
 */
export async function loadTokenizer(folder: string): Promise<Tokenizer> {
  const path = join(folder, "tokenizer.json");
  const file = await readJson(path, "tokenizer", tokenizerSchema).catch((error) => {
    if (error.cause?.code !== "ENOENT") throw error;
    throw new RomeError(
      "tokenizer",
      `${folder} has no tokenizer.json. Copy it from the model's source; where only vocab.json and merges.txt, or a tokenizer.model, exist, ` +
        "AutoTokenizer.from_pretrained(folder).save_pretrained(folder) in Python writes it.",
    );
  });
  const tokens = tokensById(path, file);
  const spelled = isByteFallback(file);
  checkModel(path, file, spelled);
  let library: Library;
  try {
    library = new Library(file, {});
  } catch (cause) {
    throw new RomeError("tokenizer", `${path} uses something that is not supported: ${shorten(String(cause))}.`, {
      cause,
    });
  }
  repairPatterns(library.pre_tokenizer);
  repairByteRuns(library.decoder);
  const encode = (text: string) => library.encode(text, { add_special_tokens: false }).ids;
  const begin = beginning(path, library);
  const size = tokens.length;
  const added = new Set(file.added_tokens.map(({ id }) => id));
  const check = (token: number) => {
    if (tokens[token] === undefined) {
      throw new RomeError("tokenizer", `The tokenizer in ${folder} has no token ${token}; it has 0 to ${size - 1}.`);
    }
  };
  const decode = (ids: readonly number[]) => {
    ids.forEach(check);
    // The library refuses an empty list.
    return ids.length ? library.decode([...ids], { clean_up_tokenization_spaces: false }) : "";
  };
  return {
    encode: (text) => [...begin, ...encode(text)],
    continuation: encode,
    decode,
    token: (token) => decode([token]),
    byteLength(token) {
      check(token);
      const text = tokens[token] as string;
      // An added token is stored as it reads; any other of a byte-level BPE has a character a byte.
      if (added.has(token)) return Buffer.byteLength(text);
      return spelled ? bytesOf(text) : text.length;
    },
    size,
    endOfText: await endOfText(folder, library),
  };
}

/** Every token at its id; RomeError unless the ids are 0, 1, … without a gap. */
function tokensById(path: string, { model, added_tokens: added }: TokenizerFile): string[] {
  const ids = new Map(Object.entries(model.vocab));
  for (const { content, id } of added) ids.set(content, id);
  const tokens: string[] = new Array(ids.size);
  for (const [token, id] of ids) {
    if (id >= ids.size || tokens[id] !== undefined) {
      throw damagedFile(path, "tokenizer", `the id ${id} of "${shorten(token)}" is used twice or leaves a gap`);
    }
    tokens[id] = token;
  }
  return tokens;
}

/** RomeError unless it is a BPE that can spell every text, with all that its merges make. */
function checkModel(path: string, { model, decoder, pre_tokenizer }: TokenizerFile, spelled: boolean): void {
  if (model.type !== "BPE" || !(spelled || [decoder, pre_tokenizer].every((part) => isByteLevel(part)))) {
    throw new RomeError(
      "tokenizer",
      `${path} is not a byte-level BPE tokenizer, nor one that falls back to bytes as Gemma's does: no other kind is supported.`,
    );
  }
  // Some published vocabularies (SmolLM2) lack bytes that their corpus never had, which are passed over; what prints in ASCII none can lack.
  const missing = (spelled ? byteTokens() : byteCharacters())
    .slice(0x21, 0x7f)
    .filter((character) => !Object.hasOwn(model.vocab, character));
  if (missing.length > 0 && (spelled || model.unk_token == null)) {
    throw damagedFile(path, "tokenizer", `${missing.length} of the 94 printing ASCII characters have no token`);
  }
  for (const pair of model.merges) {
    const product = typeof pair === "string" ? pair.replace(" ", "") : pair.join("");
    if (!Object.hasOwn(model.vocab, product)) {
      throw damagedFile(path, "tokenizer", `its merges make "${shorten(product)}", which has no id`);
    }
  }
}

function isByteLevel(part: v.InferOutput<typeof component>): boolean {
  const parts = part && ([part.pretokenizers, part.decoders].find(Array.isArray) as { type?: unknown }[] | undefined);
  return part?.type === "ByteLevel" || (parts ?? []).some((inner) => inner?.type === "ByteLevel");
}

/** The characters that stand for the 256 bytes: those that print stand for themselves, the others follow U+0100. */
function byteCharacters(): string[] {
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => {
    const prints = (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
    return String.fromCharCode(prints ? byte : next++);
  });
}

/**
 * What the tokenizer puts before a text.
 *
 * @throws RomeError if it puts anything behind it too, since a prompt's continuation would then not follow the prompt
 */
function beginning(path: string, library: Library): number[] {
  const probe = library.encode("a", { add_special_tokens: false }).ids;
  const whole = library.encode("a").ids;
  const begin = whole.slice(0, whole.length - probe.length);
  if (probe.every((id, i) => id === whole[begin.length + i])) return begin;
  throw new RomeError("tokenizer", `${path} puts a token behind every text: texts cannot be continued.`);
}

/**
 * The library splits text by JavaScript's \s, which counts U+FEFF as white space and U+0085 not, and by \d, which is
 * ASCII's digits only; the original counts what Unicode does. Its own patterns are kept but for that.
 */
function repairPatterns(part: PreTokenizer | null): void {
  if (part instanceof SequencePreTokenizer) part.tokenizers.forEach(repairPatterns);
  if (part instanceof DigitsPreTokenizer) {
    part.pattern = new RegExp(part.config.individual_digits ? "\\P{N}+|\\p{N}" : "\\P{N}+|\\p{N}+", "gu");
  }
  if (!(part instanceof ByteLevelPreTokenizer)) return;
  const source = part.pattern.source.replaceAll("\\s", "\\p{White_Space}").replaceAll("\\S", "\\P{White_Space}");
  part.pattern = new RegExp(source, part.pattern.flags);
}

/** As tokenizer_config.json names it; else the usual one, where the vocabulary has it. */
async function endOfText(folder: string, library: Library): Promise<number | undefined> {
  const path = join(folder, "tokenizer_config.json");
  const { eos_token: named } = await readJson(path, "tokenizer", eosSchema).catch((error) => {
    if (error.cause?.code !== "ENOENT") throw error;
    return { eos_token: undefined };
  });
  const content = typeof named === "string" ? named : (named?.content ?? "<|endoftext|>");
  return library.token_to_id(content);
}
