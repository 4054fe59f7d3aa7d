/** A token that is found in the text itself, before anything else is done to it (tokenizer.json, "added_tokens"). */
export interface AddedToken {
  readonly id: number;
  readonly content: string;
  /** Only where no word character stands beside it. */
  readonly single_word?: boolean;
  /** It takes the white space before it, or behind it. */
  readonly lstrip?: boolean;
  readonly rstrip?: boolean;
  /** It is looked for in the normalised text. */
  readonly normalized?: boolean;
  readonly special?: boolean;
}

/** A stretch of text: an added token, or what lies between two. */
export interface Stretch {
  readonly text: string;
  /** The added token's. */
  readonly id?: number;
  /** It begins the whole text. */
  readonly first: boolean;
}

// Word characters and white space as Rust's regular expressions count them.
const word = "[\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}]";
const wordBefore = new RegExp(`${word}$`, "u");
const wordAfter = new RegExp(`^${word}`, "u");
const spaceAfter = /^\p{White_Space}*/u;
const space = /\p{White_Space}/u;

/** Finds added tokens in texts as the `tokenizers` library does, flags and all. */
export class AddedTokens {
  readonly #plain: Finder;
  readonly #normalized: Finder;
  readonly #readings: ReadonlyMap<string, string>;

  constructor(
    tokens: readonly AddedToken[],
    readonly normalize: (text: string) => string,
  ) {
    const isNormalized = ({ normalized, special }: AddedToken) => normalized ?? !special;
    this.#plain = new Finder(tokens.filter((token) => !isNormalized(token)).map((token) => [token.content, token]));
    const normalized = tokens.filter(isNormalized).map((token) => [normalize(token.content), token] as const);
    this.#normalized = new Finder(normalized);
    this.#readings = new Map(normalized.map(([text, { content }]) => [content, text]));
  }

  /** What a decoder gets for a token: one that is found in normalised text stands for what is found. */
  reading(token: string): string {
    return this.#readings.get(token) ?? token;
  }

  /** The text cut at added tokens; what lies between is normalised. */
  split(text: string, normalize = this.normalize): Stretch[] {
    return this.#plain.split({ text, first: true }).flatMap((stretch) => {
      if (stretch.id !== undefined) return [stretch];
      return this.#normalized.split({ ...stretch, text: normalize(stretch.text) });
    });
  }
}

class Finder {
  readonly #tokens: ReadonlyMap<string, AddedToken>;
  readonly #pattern: RegExp | undefined;

  constructor(tokens: readonly (readonly [string, AddedToken])[]) {
    this.#tokens = new Map(tokens.filter(([content]) => content !== ""));
    // The leftmost, and of those that begin there the longest.
    const longestFirst = [...this.#tokens.keys()].sort((a, b) => b.length - a.length);
    const sources = longestFirst.map((content) => content.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"));
    if (sources.length > 0) this.#pattern = new RegExp(sources.join("|"), "gu");
  }

  split({ text, first }: Stretch): Stretch[] {
    const found: Stretch[] = [];
    let done = 0;
    const add = (from: number, to: number, id?: number) =>
      found.push({ text: text.slice(from, to), first: first && from === 0, ...(id === undefined ? {} : { id }) });
    for (const match of this.#pattern ? text.matchAll(this.#pattern) : []) {
      const token = this.#tokens.get(match[0]) as AddedToken;
      let begin = match.index;
      let end = begin + match[0].length;
      // A word character may be a surrogate pair.
      const beside =
        wordBefore.test(text.slice(Math.max(0, begin - 2), begin)) || wordAfter.test(text.slice(end, end + 2));
      if (token.single_word && beside) continue;
      if (token.lstrip) while (begin > done && space.test(text[begin - 1] as string)) begin--;
      if (token.rstrip) end += (spaceAfter.exec(text.slice(end)) as RegExpExecArray)[0].length;
      if (begin > done) add(done, begin);
      add(begin, end, token.id);
      done = end;
    }
    if (done < text.length) add(done, text.length);
    return found;
  }
}
