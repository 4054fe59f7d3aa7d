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

type Unit = "share" | "points" | "number";

/** One number of a check: a share in per cent, a difference of shares in points of a hundred. */
export function figureText({ value, unit }: { readonly value: number; readonly unit: Unit }): string {
  if (unit === "share") return percent(value);
  return unit === "points" ? fixed(100 * value, 1) : significant(value, 3);
}

/** The figures that a check turns on, with those that belong beside them; where nothing decides, the first. */
export function decisive<T extends { readonly bound: unknown; readonly beside?: true | undefined }>(
  figures: readonly T[],
): readonly T[] {
  const found = figures.filter(({ bound, beside }) => bound || beside);
  return found.length > 0 ? found : figures.slice(0, 1);
}

/** How much was asked: "layer 2, seed 0, names 100, …". */
export function sizesText({
  layer,
  seed,
  settings,
}: {
  readonly layer: number;
  readonly seed: number;
  readonly settings: Readonly<Record<string, number>>;
}): string {
  const sizes = Object.entries({ layer, seed, ...settings });
  return sizes.map(([name, count]) => `${name} ${count}`).join(", ");
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
