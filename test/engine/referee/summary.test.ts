/** The summary's sentences in English are those of the cards that were published, byte for byte. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { expect, it } from "vitest";
import { english } from "../../../src/engine/referee/english.ts";
import { sentencesOf } from "../../../src/engine/referee/summary.ts";
import { refereeCard } from "../../../src/protocol/referee.ts";

const folder = join(import.meta.dirname, "../../../docs/referee");

it.each(readdirSync(folder))("%s", (name) => {
  const card = v.parse(refereeCard, JSON.parse(readFileSync(join(folder, name), "utf8")));
  expect(sentencesOf(card).map(english).join(" ")).toBe(card.summary);
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
