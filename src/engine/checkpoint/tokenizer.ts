import { Tokenizer as Library } from "@huggingface/tokenizers";
import { RomeError } from "../../protocol/errors.ts";
import { AddedTokens } from "./addedTokens.ts";
import { bounded } from "./boundedWork.ts";
import { readEndTokens } from "./endTokens.ts";
import { shorten } from "./sourceFile.ts";
import { byteLevelBytes, pieceBytes, showBytes } from "./tokenBytes.ts";
import { readTokenizerFile, type TokenizerFile, withoutPrefix } from "./tokenizerFile.ts";
import { type Fields, repairDecoder, repairMetaspace, repairNormalizer, repairPreTokenizer } from "./tokenizerParts.ts";

/** Text to token ids and back. */
export interface Tokenizer {
  /**
   * Token ids of a text as the model reads it: after the begin-of-text token, where the tokenizer puts one. The text of
   * a special token becomes that token.
   */
  encode(text: string): number[];
  /** Token ids of what follows other text, a target for instance: nothing is put before it. */
  continuation(text: string): number[];
  /** The text of tokens from a text's beginning on, special ones included. Bytes that are no whole character become U+FFFD. */
  decode(ids: readonly number[]): string;
  /** The same for tokens that follow others: a blank before the first word stays. */
  continued(ids: readonly number[]): string;
  /** What to show for one token; bytes that are no whole character as <E4>. */
  token(id: number): string;
  /** Bytes of UTF-8 that one token stands for. */
  byteLength(id: number): number;
  /** Ids are below it. A model's output head may have more rows. */
  readonly size: number;
  /** Whether a token has this id; where `hasHoles`, some below `size` have none. */
  has(id: number): boolean;
  readonly hasHoles: boolean;
  /** Tokens that end a text; none if none is named. */
  readonly endTokens: readonly number[];
  /** The first of them: the one that the tokenizer names. */
  readonly endOfText: number | undefined;
}

/**
 * Loads tokenizer.json (BPE, byte-level or of SentencePiece's kind) of a model's folder.
 *
 * @param vocabulary rows of the model's embedding: a text that needs a token beyond them is refused
 * @throws RomeError ("tokenizer") if it is missing, damaged or of another kind
 */
export async function loadTokenizer(
  folder: string,
  { vocabulary = Number.POSITIVE_INFINITY }: { vocabulary?: number } = {},
): Promise<Tokenizer> {
  const file = await readTokenizerFile(folder);
  const { path, tokens, space } = file;
  const engine = supported(path, () => new Engine(file));
  const size = Math.min(vocabulary, 1 + [...tokens.keys()].reduce((most, id) => Math.max(most, id), -1));
  const has = (id: number) => id < size && tokens.has(id);
  const added = new Set(file.added.map(({ id }) => id));

  const encode = (text: string, follows: boolean) => {
    const ids = engine.encode(wellFormed(text), follows);
    const beyond = ids.find((id) => id >= vocabulary);
    if (beyond === undefined) return ids;
    throw new RomeError(
      "tokenizer",
      `The text has the token ${JSON.stringify(shorten(tokens.get(beyond) ?? ""))} (${beyond}), but the model reads only tokens 0 to ${vocabulary - 1}. Change the text.`,
    );
  };
  const check = (id: number) => {
    if (has(id)) return tokens.get(id) as string;
    throw new RomeError("tokenizer", `The tokenizer in ${folder} has no token ${id}; it has 0 to ${size - 1}.`);
  };
  const bytes = (id: number) => {
    const token = check(id);
    if (space !== undefined) return pieceBytes(engine.reading(token), space);
    // An added token is stored as it reads.
    return added.has(id) ? Buffer.from(token) : byteLevelBytes(token);
  };
  const endTokens = await readEndTokens(folder, (token) => engine.idOf(token), has);
  const begin = supported(path, () => engine.beginning());
  return {
    encode: (text) => [...begin, ...encode(text, false)],
    continuation: (text) => encode(text, true),
    decode: (ids) => engine.decode(ids.map(check)),
    continued: (ids) =>
      space === undefined ? engine.decode(ids.map(check)) : Buffer.concat(ids.map(bytes)).toString(),
    token: (id) => showBytes(bytes(id)),
    byteLength: (id) => bytes(id).length,
    size,
    has,
    hasHoles: [...tokens.keys()].filter((id) => id < size).length < size,
    endTokens,
    endOfText: endTokens[0],
  };
}

/** What the library makes its parts from. */
type Parts = Readonly<Record<"normalizer" | "pre_tokenizer" | "decoder", Fields | null>> & Fields;

/** The library with its parts set right, and what it leaves to others: added tokens, and a clock on patterns. */
class Engine {
  readonly #library: Library;
  /** Normaliser and pre-tokeniser for what follows other text. */
  readonly #following: Library;
  readonly #added: AddedTokens;
  readonly #ids: ReadonlyMap<string, number>;
  readonly #run: <T>(work: () => T) => T;

  constructor({ path, fields, added, tokens }: TokenizerFile) {
    const hasPatterns = JSON.stringify([fields.normalizer, fields.pre_tokenizer, fields.decoder]).includes('"Regex"');
    this.#run = hasPatterns ? (work) => bounded(path, work) : (work) => work();
    this.#library = repaired({ ...fields, added_tokens: [] });
    const bare = { ...fields, added_tokens: [], model: { ...fields.model, vocab: {}, merges: [] } };
    const following = { normalizer: withoutPrefix(bare.normalizer), pre_tokenizer: withoutPrefix(bare.pre_tokenizer) };
    this.#following = repaired({ ...bare, ...following });
    this.#ids = new Map([...tokens].map(([id, token]) => [token, id]));
    this.#added = this.#run(() => new AddedTokens(added, (text) => normalize(this.#library, text)));
  }

  idOf(token: string): number | undefined {
    return this.#ids.get(token);
  }

  encode(text: string, follows: boolean): number[] {
    const parts = follows ? this.#following : this.#library;
    return this.#run(() =>
      this.#added
        .split(text, (part) => normalize(parts, part))
        .flatMap(({ text: part, id, first }) => {
          if (id !== undefined) return [id];
          if (part === "") return [];
          const section = { section_index: first ? 0 : 1 };
          const words = parts.pre_tokenizer ? parts.pre_tokenizer(part, section) : [part];
          const { model } = this.#library;
          if (!model) return [];
          return model(words).flatMap((token: string) => this.#ids.get(token) ?? []);
        }),
    );
  }

  decode(tokens: readonly string[]): string {
    const { decoder } = this.#library;
    // Without a decoder the original puts blanks between tokens; such a file is refused.
    return tokens.length > 0 && decoder ? this.#run(() => decoder(tokens.map((token) => this.reading(token)))) : "";
  }

  /** What the decoder gets for a token. */
  reading(token: string): string {
    return this.#added.reading(token);
  }

  /**
   * What the tokenizer puts before a text.
   *
   * @throws RomeError if it puts anything behind it too, since a prompt's continuation would then not follow the prompt
   */
  beginning(): number[] {
    const text = ["a"];
    const whole = this.#library.post_processor?.(text, null, true).tokens ?? text;
    const at = whole.indexOf("a");
    if (at === whole.length - 1)
      return whole.slice(0, at).map((token) => {
        const id = this.#ids.get(token);
        if (id === undefined)
          throw new RomeError("tokenizer", `The tokenizer begins texts with "${shorten(token)}", which has no id.`);
        return id;
      });
    throw new RomeError("tokenizer", "The tokenizer puts a token behind every text: texts cannot be continued.");
  }
}

/** Halves of surrogate pairs become U+FFFD, as UTF-8 has it. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString("utf8");
}

function normalize({ normalizer }: Library, text: string): string {
  return normalizer ? normalizer(text) : text;
}

function repaired(fields: Parts): Library {
  const library = new Library(fields as unknown as ConstructorParameters<typeof Library>[0], {});
  repairNormalizer(library.normalizer);
  repairPreTokenizer(library.pre_tokenizer);
  repairMetaspace(library.pre_tokenizer, fields.pre_tokenizer);
  repairDecoder(library.decoder, fields.decoder);
  return library;
}

/** Whatever the library stumbles over is something in the file. */
function supported<T>(path: string, make: () => T): T {
  try {
    return make();
  } catch (cause) {
    if (RomeError.is(cause)) throw cause;
    throw new RomeError("tokenizer", `${path} uses something that is not supported: ${shorten(String(cause))}.`, {
      cause,
    });
  }
}
