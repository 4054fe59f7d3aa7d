/** The summary's sentences in English are those of the cards that were published, byte for byte. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { expect, it } from "vitest";
import { english } from "../../../src/engine/referee/english.ts";
import { theOneOnTrial } from "../../../src/engine/referee/lead.ts";
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
  expect(ahead(0.0078)).toContain("vectors is universal, by 20.0 points of its worst rate (McNemar's p 0.0078)");
  expect(ahead(0.375)).toContain("universal is ahead by 20.0 points of its worst rate, which may be chance");
});

it("claims no more of what was not tried than of what was tried on too few", () => {
  const [name = ""] = readdirSync(folder);
  const card = v.parse(refereeCard, JSON.parse(readFileSync(join(folder, name), "utf8")));
  const checks = card.checks.filter(({ id }) => id !== "newNames");
  const summary = sentencesOf({ ...card, checks, skipped: ["newNames"] })
    .map(english)
    .join(" ");
  expect(summary).toContain("the direction seems to move");
  expect(summary).toContain("Not tried: “Works on new names”");
});
