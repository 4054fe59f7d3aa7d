import * as v from "valibot";
import { RomeError } from "../../protocol/errors.ts";
import { shorten } from "../checkpoint/sourceFile.ts";
import { readEntries, tokenId } from "./metadata.ts";

/** Contents of tokenizer.json and tokenizer_config.json, as Hugging Face's libraries read them. */
export interface TokenizerFiles {
  readonly tokenizer: Record<string, unknown>;
  readonly tokenizerConfig: Record<string, unknown>;
}

/** What divides a text into words before the merges, and what else a tokenizer of that name does. */
interface Kind {
  readonly normalizer: { readonly type: string } | null;
  readonly preTokenizers: readonly Record<string, unknown>[];
  /** A word that is a token is taken whole. */
  readonly ignoreMerges?: boolean;
  /** Whether a begin-of-text token is put before a text where the file does not say. */
  readonly addsBegin?: boolean;
}

const byteLevel = (useRegex: boolean) => ({
  type: "ByteLevel",
  add_prefix_space: false,
  trim_offsets: false,
  use_regex: useRegex,
});
/** The published pattern of Llama 3 and Qwen2, which differ in the runs of digits. */
const split = (digits: string) => ({
  type: "Split",
  pattern: {
    Regex:
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|" +
      `${digits}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`,
  },
  behavior: "Isolated",
  invert: false,
});
const composed = { type: "NFC" };
const gpt2: Kind = { normalizer: null, preTokenizers: [byteLevel(true)] };
const qwen2: Kind = { normalizer: composed, preTokenizers: [split("\\p{N}"), byteLevel(false)] };
const llama3: Kind = {
  normalizer: null,
  preTokenizers: [split("\\p{N}{1,3}"), byteLevel(false)],
  ignoreMerges: true,
  addsBegin: true,
};
const digitByDigit: Kind = {
  normalizer: null,
  preTokenizers: [{ type: "Digits", individual_digits: true }, byteLevel(true)],
};

/** By the names that llama.cpp's converter gives. */
const kinds: Readonly<Record<string, Kind>> = {
  "gpt-2": gpt2,
  olmo: { ...gpt2, normalizer: composed },
  qwen2,
  "deepseek-r1-qwen": qwen2,
  "llama-bpe": llama3,
  llama3,
  smollm: digitByDigit,
  starcoder: digitByDigit,
};

const prefix = "tokenizer.ggml.";
const schema = v.object({
  model: v.string(),
  pre: v.optional(v.string()),
  tokens: v.pipe(v.array(v.string()), v.nonEmpty()),
  token_type: v.optional(v.array(v.number())),
  merges: v.optional(v.array(v.string())),
  bos_token_id: v.optional(tokenId),
  eos_token_id: v.optional(tokenId),
  add_bos_token: v.optional(v.boolean()),
});

/** Types of tokens that have a meaning of their own: unknown, control; what a user put in; what stands for no text. */
const [control, userDefined, unused] = [[2, 3], 4, 5];

/**
 * Makes a byte-level BPE tokenizer of a GGUF's metadata.
 *
 * @param usual the pre-tokenizer of a file that names none
 * @throws RomeError ("tokenizer") for another kind of tokenizer, an unknown pre-tokenizer, or entries that do not fit
 */
export function tokenizerFiles(metadata: ReadonlyMap<string, unknown>, usual: string | undefined): TokenizerFiles {
  const { model } = readEntries(metadata, prefix, "tokenizer", v.object({ model: schema.entries.model }));
  if (model !== "gpt2")
    throw new RomeError(
      "tokenizer",
      `The GGUF's tokenizer is of the kind "${shorten(model)}"; only byte-level BPE ("gpt2") can be made from it. ` +
        "Use the model's own Hugging Face folder.",
    );
  const entries = readEntries(metadata, prefix, "tokenizer", schema);
  const kind = kindOf(entries.pre ?? usual);
  const types = entries.token_type ?? entries.tokens.map(() => 1);
  if (types.length !== entries.tokens.length)
    throw new RomeError(
      "tokenizer",
      `The GGUF has ${entries.tokens.length} tokens, but ${types.length} types of tokens.`,
    );
  const tokens = entries.tokens.slice(0, types.findLastIndex((type) => type !== unused) + 1);
  const text = (id: number | undefined) => {
    if (id === undefined) return undefined;
    const token = tokens[id];
    if (token === undefined)
      throw new RomeError("tokenizer", `The GGUF names the token ${id}, but has ${tokens.length}.`);
    return { id, token };
  };
  const [begin, end] = [text(entries.bos_token_id), text(entries.eos_token_id)];
  const isAdded = (id: number) => control.includes(types[id] as number) || types[id] === userDefined;
  const vocabulary = tokens.map((token, id) => [token, id] as const).filter(([, id]) => !isAdded(id));
  return {
    tokenizer: {
      version: "1.0",
      truncation: null,
      padding: null,
      added_tokens: tokens.flatMap((content, id) =>
        isAdded(id) ? [addedToken(content, id, types[id] !== userDefined)] : [],
      ),
      normalizer: kind.normalizer,
      pre_tokenizer: { type: "Sequence", pretokenizers: kind.preTokenizers },
      post_processor: (entries.add_bos_token ?? kind.addsBegin) && begin ? putBefore(begin) : byteLevel(true),
      decoder: byteLevel(true),
      model: {
        type: "BPE",
        dropout: null,
        unk_token: null,
        continuing_subword_prefix: null,
        end_of_word_suffix: null,
        fuse_unk: false,
        byte_fallback: false,
        ignore_merges: kind.ignoreMerges ?? false,
        vocab: Object.fromEntries(vocabulary),
        merges: entries.merges ?? [],
      },
    },
    tokenizerConfig: {
      tokenizer_class: "PreTrainedTokenizerFast",
      bos_token: begin?.token ?? null,
      eos_token: end?.token ?? null,
      clean_up_tokenization_spaces: false,
    },
  };
}

function kindOf(name: string | undefined): Kind {
  const kind = name !== undefined && Object.hasOwn(kinds, name) ? kinds[name] : undefined;
  if (kind) return kind;
  const known = Object.keys(kinds).join(", ");
  throw new RomeError(
    "tokenizer",
    `${name === undefined ? "The GGUF names no pre-tokenizer" : `The GGUF's pre-tokenizer is "${shorten(name)}"`}; known are ${known}. ` +
      "Use the model's own Hugging Face folder.",
  );
}

function addedToken(content: string, id: number, special: boolean) {
  return { id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special };
}

/** A post-processor that puts a token before every text. */
function putBefore({ id, token }: { id: number; token: string }) {
  const begin = { SpecialToken: { id: token, type_id: 0 } };
  const text = (name: string, type: number) => ({ Sequence: { id: name, type_id: type } });
  return {
    type: "TemplateProcessing",
    single: [begin, text("A", 0)],
    pair: [begin, text("A", 0), { SpecialToken: { id: token, type_id: 1 } }, text("B", 1)],
    special_tokens: { [token]: { id: token, ids: [id], tokens: [token] } },
  };
}
