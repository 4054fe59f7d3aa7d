/** A text with what stands in it, so that whoever shows it can word it in another language. */
import * as v from "valibot";

/** A number that is written as text/numbers.ts does by this name. */
export interface Amount {
  readonly amount: number;
  readonly as: "percent" | "fixed";
}

/** A value, a part that is worded itself, or such parts in a list. */
export type Said = string | number | Amount | Phrase | readonly Phrase[];

export interface Phrase {
  /** In English, with {0}, {1}, … where the values stand. */
  readonly text: string;
  readonly values: readonly Said[];
}

const amount = v.object({ amount: v.number(), as: v.picklist(["percent", "fixed"]) });
export const phrase: v.GenericSchema<Phrase> = v.object({
  text: v.string(),
  values: v.array(v.union([v.string(), v.number(), amount, v.lazy(() => phrase), v.lazy(() => v.array(phrase))])),
});

/** say`turned by the vector of half ${1}`: scripts/l10n.mjs collects what it says for translation. */
export function say(parts: TemplateStringsArray, ...values: Said[]): Phrase {
  return { text: parts.reduce((text, part, i) => `${text}{${i - 1}}${part}`), values };
}

/** How texts and numbers are written where a phrase is shown. */
export interface Writing {
  text(english: string, values: readonly string[]): string;
  number(value: number): string;
  percent(share: number): string;
  fixed(value: number): string;
}

/** The phrase in words. */
export function worded({ text, values }: Phrase, writing: Writing): string {
  const word = (value: Said): string => {
    if (typeof value === "string") return value;
    if (typeof value === "number") return writing.number(value);
    if ("amount" in value) return writing[value.as](value.amount);
    return "text" in value ? worded(value, writing) : value.map(word).join(", ");
  };
  return writing.text(text, values.map(word));
}
