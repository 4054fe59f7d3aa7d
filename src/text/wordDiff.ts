/** Marks what differs between two texts, word by word, for the "before → after" of a card. */

/** A run of text: in both (`same`), in this one only (`changed`), or one of the labels the edit is about (`label`). */
export interface Segment {
  readonly text: string;
  readonly mark: "same" | "changed" | "label";
}

export interface WordDiff {
  readonly before: readonly Segment[];
  readonly after: readonly Segment[];
}

/** Beyond this many word pairs the table of the common subsequence would be felt; the middle is then marked as changed. */
const largestTable = 1_000_000;

/** Words, numbers, single punctuation marks and runs of white space; joined they give the text back. */
function words(text: string): string[] {
  return text.match(/[\p{L}\p{M}\p{N}]+(?:['’-][\p{L}\p{M}\p{N}]+)*|\s+|[^\p{L}\p{M}\p{N}\s]/gu) ?? [];
}

/** For each word, whether it belongs to the longest common subsequence; classic dynamic programme, O(n·m). */
function common(a: readonly string[], b: readonly string[]): [boolean[], boolean[]] {
  const inA = new Array<boolean>(a.length).fill(false);
  const inB = new Array<boolean>(b.length).fill(false);
  if (a.length * b.length > largestTable) return [inA, inB];
  const width = b.length + 1;
  const length = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number) => length[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      length[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) {
      inA[i++] = true;
      inB[j++] = true;
    } else if (at(i + 1, j) >= at(i, j + 1)) i++;
    else j++;
  }
  return [inA, inB];
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
