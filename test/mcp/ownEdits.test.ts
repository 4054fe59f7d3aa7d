/** The edits of the server's own, as its tools list them. */
import { expect, it } from "vitest";
import { type Ask, ownEdits } from "../../src/mcp/agentEdits.ts";
import { tools } from "../../src/mcp/tools.ts";
import { flipResult } from "../support/flipResult.ts";

it("lists no edit that was rolled back, and gives no two flips one id", async () => {
  const ask = async (_: string, { names }: { names: string[] }) =>
    names.map((name) => {
      const { view, saved } = flipResult(name);
      return { view: { ...view, health: { ...view.health, rolledBack: name === "Anna" } }, saved };
    });
  const edits = ownEdits(ask as unknown as Ask);
  const call = { signal: new AbortController().signal, progress() {} };
  const made = [...(await edits.flip(["Anna"], {}, call)), ...(await edits.flip(["Ben"], {}, call))];
  expect(new Set(made.map(({ id }) => id)).size).toBe(2);
  expect(edits.list()).toMatchObject([{ id: made[1]?.id, name: "Ben", on: true }]);
  expect(edits.on()).toHaveLength(1);
});

it("switches on no edit that does not exist, be there none at all", async () => {
  const place = { ask: (() => {}) as unknown as Ask, edits: ownEdits((() => {}) as unknown as Ask) };
  const call = { signal: new AbortController().signal, progress() {} };
  const message = 'There is no edit "99". list_edits shows those that exist.';
  await expect(tools.redo.run(place, { ids: ["99"] }, call)).rejects.toMatchObject({ reason: "input", message });
});

it("switches on no edit that failed", async () => {
  const ask = async () => [flipResult("Anna", { flipped: false })];
  const place = { ask: ask as unknown as Ask, edits: ownEdits(ask as unknown as Ask) };
  const call = { signal: new AbortController().signal, progress() {} };
  const [made] = await place.edits.flip(["Anna"], {}, call);
  expect(place.edits.list()).toMatchObject([{ name: "Anna", on: false, flipped: false }]);
  await expect(tools.redo.run(place, { ids: [made?.id] }, call)).rejects.toMatchObject({
    reason: "input",
    message: expect.stringContaining('Edit "1" failed'),
  });
  expect(place.edits.on()).toEqual([]);
});
