/** The words and numbers of a verdict card, as every page, view and terminal writes them. */
import { fixed, percent, significant } from "./numbers.ts";

export const vectorWords: Readonly<Record<string, string>> = {
  sign: "sign(w), the essay's",
  weights: "w of the classifier",
  meanDifference: "difference of the means",
  discriminant: "shrinkage LDA, whitened",
  firstComponent: "first principal component",
  ownMeans: "each direction's own mean",
  universalBox: "universal, within the box",
  universal: "universal",
};

export const checkWords: Readonly<Record<string, string>> = {
  readable: "Readable",
  newNames: "Works on new names",
  notAnyPush: "Not any push will do",
  notTheWord: "Not the word",
  notThePrompt: "Not the prompt",
  stable: "Stable",
  necessary: "Necessary",
  onlyThat: "Only that",
};

type Unit = "share" | "points" | "ratio" | "number";

/** One number of a check: a share in per cent, a difference of shares in points of a hundred, a ratio near 1 as it is. */
export function figureText({ value, unit }: { readonly value: number; readonly unit: Unit }): string {
  if (unit === "share") return percent(value);
  if (unit === "points") return fixed(100 * value, 1);
  return unit === "ratio" ? fixed(value, 4) : significant(value, 3);
}

/** What was tried, and how much was asked: "sign(w), the essay's, at length 8.17; layer 2, seed 0, names 100, …". */
export function sizesText({
  vector,
  length,
  layer,
  seed,
  settings,
}: {
  readonly vector: string;
  readonly length: number;
  readonly layer: number;
  readonly seed: number;
  readonly settings: Readonly<Record<string, number>>;
}): string {
  const sizes = Object.entries({ layer, seed, ...settings });
  const asked = sizes.map(([name, count]) => `${name} ${count}`).join(", ");
  return `${vectorWords[vector] ?? vector}, at length ${fixed(length, 2)}; ${asked}`;
}

/** "91.6 % to 100 %"; empty without an interval. */
export function intervalText(interval: readonly [number, number] | null, unit: Unit): string {
  return interval ? interval.map((value) => figureText({ value, unit })).join(" to ") : "";
}

/** "at least 90 %"; empty without a bound. */
export function boundText(bound: { readonly side: string; readonly value: number } | null, unit: Unit): string {
  return bound
    ? `${bound.side === "atLeast" ? "at least" : "at most"} ${figureText({ value: bound.value, unit })}`
    : "";
}

/** A share that nothing may have been asked for. */
export const shareText = (share: number | null) => (share === null ? "–" : percent(share));

interface FigureSaid {
  readonly name: string;
  readonly value: number;
  readonly interval: readonly [number, number] | null;
  readonly unit: Unit;
  readonly bound: { readonly side: string; readonly value: number } | null;
  readonly beside?: true | undefined;
}

/** A figure as a table has it: its name, its value as a number and in words, its interval and its bound. */
export function figureCells({ name, value, interval, unit, bound }: FigureSaid) {
  const text = figureText({ value, unit });
  return { name, value, text, interval: intervalText(interval, unit), bound: boundText(bound, unit) };
}

/**
 * What a check turns on, a row a figure: those that decide, with those that belong beside them; where none decides, the
 * first. Title and verdict stand in the first row alone.
 */
export function decisiveRows({
  id,
  verdict,
  figures,
}: {
  readonly id: string;
  readonly verdict: string;
  readonly figures: readonly FigureSaid[];
}) {
  const found = figures.filter(({ bound, beside }) => bound || beside);
  return (found.length > 0 ? found : figures.slice(0, 1)).map((figure, i) => ({
    title: i === 0 ? (checkWords[id] ?? id) : "",
    verdict: i === 0 ? verdict : "",
    ...figureCells(figure),
  }));
}
