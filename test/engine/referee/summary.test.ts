/** The summary's sentences in English are those of the cards that were published, byte for byte. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { english } from "../../../src/engine/referee/english.ts";
import { theOneOnTrial } from "../../../src/engine/referee/lead.ts";
import { withoutTheVector } from "../../../src/engine/referee/limits.ts";
import { sentencesOf } from "../../../src/engine/referee/summary.ts";
import { refereeCard } from "../../../src/protocol/referee.ts";

const folder = join(import.meta.dirname, "../../../docs/referee");

it.each(readdirSync(folder))("%s", (name) => {
  const card = v.parse(refereeCard, JSON.parse(readFileSync(join(folder, name), "utf8")));
  expect(sentencesOf(card).map(english).join(" ")).toBe(card.summary);
});

it("calls a lead the best only where McNemar's test says that it is more than chance", () => {
  const [name = ""] = readdirSync(folder);
  const card = v.parse(refereeCard, JSON.parse(readFileSync(join(folder, name), "utf8")));
  const rate = (count: number) => ({ count, total: 100, interval: [0, 1] as [number, number] });
  const ahead = (p: number) =>
    sentencesOf({
      ...card,
      best: "universal",
      vectors: card.vectors.map((vector) => ({
        ...vector,
        rates: { ...vector.rates, plusChanged: rate(vector.name === "universal" ? 100 : 80) },
        against: [{ control: theOneOnTrial, draws: 1, names: 40, only: 8, onlyControl: 0, p }],
      })),
    })
      .map(english)
      .join(" ");
  // Of seven rivals with one p, the least is taken seven times (Holm).
  expect(ahead(0.001)).toContain("vectors is universal, by 20.0 points of its worst rate (McNemar's p 0.007)");
  expect(ahead(0.0078)).toContain("it is 20.0 points ahead, which may be chance (McNemar's p 0.0546)");
});

describe("without the check on new names", () => {
  const [name = ""] = readdirSync(folder);
  const card = v.parse(refereeCard, JSON.parse(readFileSync(join(folder, name), "utf8")));
  const checks = card.checks.filter(({ id }) => id !== "newNames");
  const summaryAt = (hits: number, total: number, interval: [number, number]) => {
    const rate = { count: hits, total, interval };
    const rates = { plusChanged: rate, plusStayed: rate, minusChanged: rate, minusStayed: rate };
    const vectors = card.vectors.map((vector) => ({ ...vector, rates }));
    return sentencesOf({ ...card, checks, vectors, skipped: ["newNames"] })
      .map(english)
      .join(" ");
  };

  it.each([
    { hits: 100, total: 100, interval: [0.963, 1], says: "the direction moves" },
    { hits: 8, total: 8, interval: [0.676, 1], says: "the direction seems to move" },
    { hits: 0, total: 100, interval: [0, 0.037], says: "the direction does not reliably move" },
  ] as const)("$hits of $total: $says", ({ hits, total, interval, says }) => {
    const summary = summaryAt(hits, total, [...interval]);
    expect(summary).toContain(says);
    expect(summary).toContain("Not tried: “Works on new names”");
  });
});

it("says whether the model goes by the direction itself, whatever an erasure of its own does", () => {
  const [name = ""] = readdirSync(folder);
  const card = v.parse(refereeCard, JSON.parse(readFileSync(join(folder, name), "utf8")));
  const told = (value: number, verdict: "holds" | "fails") =>
    sentencesOf({
      ...card,
      checks: card.checks.map((check) =>
        check.id === "necessary"
          ? {
              ...check,
              verdict,
              figures: check.figures.map((figure) =>
                figure.name === english(withoutTheVector) ? { ...figure, value, verdict } : figure,
              ),
            }
          : check,
      ),
    })
      .map(english)
      .join(" ");
  expect(told(1, "fails")).toContain("the model does not go by it");
  expect(told(1, "fails")).toContain("balanced accuracy 100 %");
  expect(told(0.5, "holds")).toContain("the model no longer tells the two");
});

it("judges the goal where random signs are quiet, at the best length or at another", () => {
  const [name = ""] = readdirSync(folder);
  const card = v.parse(refereeCard, JSON.parse(readFileSync(join(folder, name), "utf8")));
  const rate = (count: number) => ({ count, total: 100, interval: [0, 1] as [number, number] });
  const told = (quiet: { readonly hits: number; readonly random: number } | null) =>
    sentencesOf({
      ...card,
      vectors: card.vectors.map((vector) => {
        const hits = rate(quiet?.hits ?? 0);
        const rates = { plusChanged: rate(100), plusStayed: hits, minusChanged: rate(100), minusStayed: rate(100) };
        return { ...vector, random: 0.5, quiet: quiet && { length: 2, rates, random: quiet.random } };
      }),
    })
      .map(english)
      .join(" ");
  const missed = "No vector here reaches 95.0 % in all four rates";
  expect(told({ hits: 96, random: 0.04 })).not.toContain(missed);
  expect(told({ hits: 94, random: 0.04 })).toContain(missed);
  expect(told({ hits: 96, random: 0.06 })).toContain(missed);
  expect(told(null)).toContain(missed);
});
