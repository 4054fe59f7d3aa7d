import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

type Texts = Record<string, string>;

/** Largest share of texts that a language may leave as they are in English: signs, names and borrowed words. */
const largestUntranslated = 0.15;

const read = (file: string): Texts => JSON.parse(readFileSync(file, "utf8"));
const found = (text: string, pattern: RegExp) => (text.match(pattern) ?? []).sort();

/** Each translated file with the English one that it follows: `l10n/bundle.l10n.de.json`, `package.nls.de.json`. */
const translations = [
  { folder: ".", english: "package.nls.json", name: /^package\.nls\..+\.json$/ },
  { folder: "l10n", english: "l10n/bundle.l10n.json", name: /^bundle\.l10n\..+\.json$/ },
].flatMap(({ folder, english, name }) =>
  readdirSync(folder)
    .filter((file) => name.test(file))
    .map((file): [string, string] => [`${folder}/${file}`, english]),
);

describe.each(translations)("%s", (file, english) => {
  const original = read(english);
  const translated = read(file);
  const pairs = Object.keys(original).map((key) => [key, original[key] ?? "", translated[key] ?? ""] as const);

  it("has the keys of the English texts", () => {
    expect(Object.keys(translated).sort()).toEqual(Object.keys(original).sort());
  });

  it("leaves no text empty", () => {
    expect(pairs.filter(([, , text]) => text.trim() === "").map(([key]) => key)).toEqual([]);
  });

  it.each([
    ["placeholders", /\{\d*\}/g],
    ["commands behind links", /\]\(command:[^)]*\)/g],
    ["code", /`[^`]*`/g],
    ["icons", /\$\([\w-]+\)/g],
    ["spaces at the ends", /^\s+|\s+$/g],
  ])("keeps the %s", (_, pattern) => {
    for (const [key, source, text] of pairs) expect(found(text, pattern), key).toEqual(found(source, pattern));
  });

  it("is translated", () => {
    const same = pairs.filter(([, source, text]) => source === text);
    expect(same.length / pairs.length).toBeLessThanOrEqual(largestUntranslated);
  });
});

describe("translations", () => {
  it("come for the manifest and the code alike", () => {
    const languages = (english: string) =>
      translations.filter((pair) => pair[1] === english).map(([file]) => file.split(".").at(-2));
    expect(languages("package.nls.json").sort()).toEqual(languages("l10n/bundle.l10n.json").sort());
  });
});
