import { count } from "./numbers.ts";

/** A direction, always with an arrow: "female→male". */
export function direction(from: string, to: string): string {
  return `${from}→${to}`;
}

/**
 * What a completion answers: the label that it begins with, else its first word, "–" where it has none. It need be
 * neither label: of two answers one is always the likelier, though the model may have said a third.
 */
export function answerOf(completion: string, labels: readonly string[]): string {
  const begun = completion.trimStart().toLowerCase();
  const begins = (label: string) =>
    label !== "" && begun.startsWith(label.toLowerCase()) && !/^[\p{L}\p{N}]/u.test(begun.slice(label.length));
  return labels.find(begins) ?? /[\p{L}\p{N}]+/u.exec(completion)?.[0] ?? "–";
}

/** What a flip changed: what the model said, and what it says with the edit, which may be another form of `to`. */
export function change(flip: {
  from: string;
  to: string;
  before: { completion: string };
  after: { completion: string };
  flipped: boolean;
}): { said: string; says: string } {
  const { from, to, before, after, flipped } = flip;
  return {
    said: answerOf(before.completion, [from, to]),
    says: flipped ? to : answerOf(after.completion, [to, from]),
  };
}

/** The answers that an edit of a file is between: what the model said, and its target, or what the model says with a vector. */
export function answersOf(entry: { before: { completion: string }; after: { completion: string }; target?: string }): {
  from: string;
  to: string;
} {
  const { before, after, target } = entry;
  return { from: answerOf(before.completion, []), to: target?.trim() ?? answerOf(after.completion, []) };
}

/** "1 name", "2 names". */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** A token with its spaces to be seen. */
export function visibleToken(text: string): string {
  const visible = text.replaceAll("\n", "↵").replace(/^ /, "␣");
  return visible.length > 22 ? `${visible.slice(0, 21)}…` : visible;
}
