/** The words and numbers of a verdict card, as every page, view and terminal writes them. */
import { percent, significant } from "./numbers.ts";

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

type Unit = "share" | "number";

/** One number of a check: a share in per cent. */
export function figureText({ value, unit }: { readonly value: number; readonly unit: Unit }): string {
  return unit === "share" ? percent(value) : significant(value, 3);
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
