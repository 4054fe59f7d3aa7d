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
  expect(headline(result)).toContain(words);
  const rolledBack = { ...result, health: { ...result.health, rolledBack: true } };
  const said = /of ([^ ]+)\.$/.exec(words)?.[1] ?? "male";
  expect(headline(rolledBack)).toBe(`Ben: the edit was rolled back; the model still says ${said}.`);
});
