import { RomeError } from "../../protocol/errors.ts";
import type { Tokenizer } from "../checkpoint/tokenizer.ts";

/** What an edit is asked for: make the model continue `template(subject)` with `target`. */
export interface Request {
  readonly subject: string;
  /** Prompt with one {} where the subject goes, e.g. "Name: {}. Gender:". */
  readonly template: string;
  /** Continuation to write, its leading space included, e.g. " female". */
  readonly target: string;
}

/** A tokenised text and the number of the subject's last token in it: the lookup position. */
export interface Located {
  readonly tokens: readonly number[];
  readonly lookup: number;
  /** Leading tokens that do not depend on the subject. */
  readonly shared: number;
}

const hole = "{}";

/** Puts the subject into a template; the template must have exactly one {}. */
export function fill(template: string, subject: string): string {
  const parts = template.split(hole);
  if (parts.length !== 2)
    throw new RomeError(
      "input",
      `The prompt ${JSON.stringify(template)} must contain {} exactly once: the name goes there.`,
    );
  return parts.join(subject);
}

/**
 * Tokenises context(template(subject)) and finds the subject's last token: by the length of the tokenised text up to
 * the subject's end if that is a prefix of the whole tokenisation, else (a token reaches over the end) by the bytes
 * each token covers.
 */
export function locate(tokenizer: Tokenizer, template: string, subject: string): Located {
  if (subject.trim() === "") throw new RomeError("input", "The name is empty.");
  const text = fill(template, subject);
  const start = template.indexOf(hole);
  const tokens = tokenizer.encode(text);
  const before = tokenizer.encode(text.slice(0, start));
  const shared = commonPrefix(before, tokens);
  const lookup = lastTokenUntil(tokenizer, text, tokens, start + subject.length);
  if (lookup < 0)
    throw new RomeError(
      "tokenizer",
      `The tokens of ${JSON.stringify(text)} do not cover it, so ${JSON.stringify(subject)} cannot be found among them.`,
    );
  return { tokens, lookup, shared: Math.min(shared, lookup) };
}

/** The token in which the text's part before `end` ends; -1 where the tokens do not reach so far. */
function lastTokenUntil(tokenizer: Tokenizer, text: string, tokens: readonly number[], end: number): number {
  const until = tokenizer.encode(text.slice(0, end));
  if (commonPrefix(until, tokens) === until.length) return until.length - 1;
  const length = until.reduce((sum, id) => sum + tokenizer.byteLength(id), 0);
  let bytes = 0;
  return tokens.findIndex((id) => {
    bytes += tokenizer.byteLength(id);
    return bytes >= length;
  });
}

/** The last token of a name wherever it stands in a text as words of its own. */
export function nameTokens(tokenizer: Tokenizer, text: string, name: string): number[] {
  const tokens = tokenizer.encode(text);
  const isLetter = (place: number) => /[\p{L}\p{N}]/u.test(text.charAt(place));
  const found: number[] = [];
  for (let start = text.indexOf(name); start >= 0; start = text.indexOf(name, start + name.length)) {
    const end = start + name.length;
    if (!isLetter(start - 1) && !isLetter(end)) found.push(lastTokenUntil(tokenizer, text, tokens, end));
  }
  return found.filter((token) => token >= 0);
}

/** How many leading elements two sequences share. */
export function commonPrefix(a: readonly number[], b: readonly number[]): number {
  const differs = a.findIndex((id, i) => id !== b[i]);
  return differs === -1 ? a.length : differs;
}
