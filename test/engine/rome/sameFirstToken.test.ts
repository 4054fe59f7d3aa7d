/** Labels are told by their targets' first tokens: two targets with one first token are refused, never called a tie. */
import { expect, it } from "vitest";
import { Model } from "../../../src/engine/model/model.ts";
import { ask } from "../../../src/engine/rome/outcomes.ts";
import { embeddedPath } from "../../support/fixtures.ts";
import { quietRun } from "../../support/run.ts";

it("two targets with one first token are refused, and named", async () => {
  const model = await Model.open(embeddedPath);
  const asking = (...texts: string[]) =>
    ask(
      model,
      [{ prompt: "Name: Ben. Gender:" }],
      texts.map((text) => ({ label: text, text })),
      { maxTokens: 0 },
      quietRun(),
    );
  await expect(asking(" male", " male person")).rejects.toThrow(
    'The targets " male" and " male person" begin with the same token',
  );
  expect(await asking(" male", " female")).toHaveLength(1);
});
