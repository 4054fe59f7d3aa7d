/** Marks what differs between two texts, word by word, for the "before → after" of a card. */
import { diffArrays } from "diff";

/** A run of text: in both (`same`), in this one only (`changed`), or one of the labels the edit is about (`label`). */
export interface Segment {
  readonly text: string;
  readonly mark: "same" | "changed" | "label";
}

/** A stretch of words that is another one afterwards; "" where there was nothing, or is nothing now. */
export interface Change {
  readonly before: string;
  readonly after: string;
}

export interface WordDiff {
  readonly before: readonly Segment[];
  readonly after: readonly Segment[];
}

/** Texts that differ in more words than this are marked as changed in the middle: the exact answer would be felt. */
const mostChanges = 1500;

/** Words, numbers, single punctuation marks and runs of white space; joined they give the text back. */
function words(text: string): string[] {
  return text.match(/[\p{L}\p{M}\p{N}]+(?:['’-][\p{L}\p{M}\p{N}]+)*|\s+|[^\p{L}\p{M}\p{N}\s]/gu) ?? [];
}

/** For each word of both, whether it belongs to the longest common subsequence. */
function common(a: readonly string[], b: readonly string[]): [boolean[], boolean[]] {
  const changes = diffArrays([...a], [...b], { maxEditLength: mostChanges });
  const kept = (part: "added" | "removed") =>
    changes
      ?.filter((change) => !change[part])
      .flatMap(({ count, added, removed }) => new Array<boolean>(count).fill(!added && !removed));
  return [kept("added") ?? a.map(() => false), kept("removed") ?? b.map(() => false)];
}

/** Joins neighbours of one mark. White space between two changed words belongs to the change. */
function segments(parts: readonly string[], kept: readonly boolean[], labels: ReadonlySet<string>): Segment[] {
  const marks = parts.map((part, i): Segment["mark"] =>
    labels.has(part.toLowerCase()) ? "label" : kept[i] ? "same" : "changed",
  );
  parts.forEach((part, i) => {
    if (part.trim() !== "") return;
    marks[i] = marks[i - 1] === "changed" && marks[i + 1] === "changed" ? "changed" : "same";
  });
  const out: { text: string; mark: Segment["mark"] }[] = [];
  parts.forEach((part, i) => {
    const last = out.at(-1);
    const mark = marks[i] ?? "same";
    if (last && last.mark === mark && mark !== "label") last.text += part;
    else out.push({ text: part, mark });
  });
  return out;
}

/**
 * What differs besides the answer, stretch by stretch, in the order of the text. The answer is the label that the text
 * begins with, and what it took the place of; further on it is one label in the other's place, and no other change.
 */
export function changesBesides(before: string, after: string, labels: readonly string[] = []): Change[] {
  const known = new Set(labels.map((label) => label.trim().toLowerCase()));
  const spoken = (text: string) => words(text).filter((word) => word.trim() !== "");
  const out: { before: string[]; after: string[]; first: boolean }[] = [];
  let [open, first] = [false, true];
  for (const part of diffArrays(spoken(before), spoken(after), { maxEditLength: mostChanges }) ?? []) {
    if (!part.added && !part.removed) {
      [open, first] = [false, false];
      continue;
    }
    if (!open) out.push({ before: [], after: [], first });
    open = true;
    out.at(-1)?.[part.added ? "after" : "before"].push(...part.value);
  }
  const isLabel = (word: string) => known.has(word.toLowerCase());
  const besides = (side: readonly string[], other: readonly string[], first: boolean) => {
    if (first || (side.some(isLabel) && other.some(isLabel))) {
      // Where only the new answer is known, the word it took the place of is the old one.
      return other.some(isLabel) && !side.some(isLabel) ? side.slice(1) : side.filter((word) => !isLabel(word));
    }
    return side;
  };
  const isWord = (side: readonly string[]) => side.some((word) => /[\p{L}\p{N}]/u.test(word));
  return out
    .map(({ before, after, first }) => ({
      before: besides(before, after, first),
      after: besides(after, before, first),
    }))
    .filter((change) => isWord(change.before) || isWord(change.after))
    .map((change) => ({ before: change.before.join(" "), after: change.after.join(" ") }));
}

/**
 * The difference between two completions.
 *
 * @param labels words that are marked wherever they stand (the two genders), whether they differ or not
 */
export function wordDiff(before: string, after: string, labels: readonly string[] = []): WordDiff {
  const a = words(before);
  const b = words(after);
  const known = new Set(labels.map((label) => label.trim().toLowerCase()));
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < Math.min(a.length, b.length) - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++;
  const [midA, midB] = common(a.slice(head, a.length - tail), b.slice(head, b.length - tail));
  const same = (n: number) => new Array<boolean>(n).fill(true);
  return {
    before: segments(a, [...same(head), ...midA, ...same(tail)], known),
    after: segments(b, [...same(head), ...midB, ...same(tail)], known),
  };
}
