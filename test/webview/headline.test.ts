import { expect, it } from "vitest";
import { headline } from "../../src/webview/text/headline.ts";
import { flip } from "./resultsSnapshots.ts";

it.each([
  [{}, "Ben: the model now says female instead of male."],
  [{ flipped: false, after: { completion: " baker. Age", probability: {} } }, "with the edit the model says baker."],
  [{ before: { completion: " Sydney. Age", probability: {} } }, "the model now says female instead of Sydney."],
  [{ before: { completion: " …", probability: {} } }, "the model now says female instead of –."],
])("a headline is made from the completion: %j", (change, words) => {
  const result = flip("Ben", "male", change);
  expect(headline(result, { on: true, other: false })).toContain(words);
  const rolledBack = { ...result, health: { ...result.health, rolledBack: true } };
  const said = /of ([^ ]+)\.$/.exec(words)?.[1] ?? "male";
  expect(headline(rolledBack, { on: null, other: false })).toBe(
    `Ben: the edit was rolled back; the model still says ${said}.`,
  );
});

it("a headline says what is in force: not the edit while it is off, nor what another edit of the name may have changed", () => {
  const result = flip("Ben", "male");
  const off = "Ben: with this edit the model says female instead of male; it is off.";
  for (const other of [true, false]) expect(headline(result, { on: false, other })).toBe(off);
  const rolledBack = { ...result, health: { ...result.health, rolledBack: true } };
  expect(headline(rolledBack, { on: null, other: true })).toBe(
    "Ben: the edit was rolled back; another one of this name stays on.",
  );
});
