/** What an agent's tools get from the sidebar's edits. */
import { expect, it } from "vitest";
import type { Memento } from "vscode";
import { agentAsk, agentEdits } from "../../src/extension/agents/agentEdits.ts";
import type { EngineClient } from "../../src/extension/engine/engineClient.ts";
import { EngineError } from "../../src/extension/engine/engineError.ts";
import type { ModelService } from "../../src/extension/models/modelService.ts";
import { EditStore } from "../../src/extension/results/editStore.ts";
import { EditSwitches } from "../../src/extension/results/editSwitches.ts";
import { FileEdits } from "../../src/extension/results/fileEdits.ts";
import { ResultStore } from "../../src/extension/results/resultStore.ts";
import { Runner } from "../../src/extension/results/runner.ts";
import { refusal } from "../../src/mcp/refusal.ts";
import { tools } from "../../src/mcp/tools.ts";
import { defaultLimits } from "../../src/protocol/editEntry.ts";
import type { FlipOptions } from "../../src/protocol/editOptions.ts";
import type { Call } from "../../src/protocol/engine.ts";

import { temporaryFolder } from "../support/fixtures.ts";
import { flipResult } from "../support/flipResult.ts";
import { gender } from "../support/labRequest.ts";

const log = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };
const memento = { keys: () => [], get: () => undefined, update: async () => undefined } as Memento;

/** The tools' workplace on an engine whose flips last until they are cancelled. */
async function workplace() {
  const results = new ResultStore(await temporaryFolder(), log, () => false);
  const files = new FileEdits(await temporaryFolder(), log);
  const edits = new EditStore(results, files, new EditSwitches(memento), () => "f00d");
  const request = (method: string, { texts }: { texts: string[] }, { signal }: Call) =>
    new Promise((resolve, reject) => {
      if (method === "answers") resolve(texts.map((text) => ({ text, probability: text === " male" ? 0.9 : 0.1 })));
      signal.addEventListener("abort", () => reject(new EngineError("cancelled", "Cancelled.")));
    });
  const runner = new Runner(
    { request } as unknown as EngineClient,
    { describe: async () => ({ model: { name: "embedded", fingerprint: "f00d" } }) } as unknown as ModelService,
    results,
    edits,
    () => ({ maxTokens: 4, limits: defaultLimits }),
    () => {},
  );
  return { results, runner, place: { ask: request as never, edits: agentEdits(edits, runner) } };
}

const given = { prompt: "Name: {}. Gender:", subject: "Dan", from: " male", to: " female" };

it.each(["its client", "the person in the sidebar", "its client, before it began"])(
  "an edit that %s cancelled says so, and leaves no card",
  async (who) => {
    const { place, results, runner } = await workplace();
    const abort = new AbortController();
    if (who.includes("before")) abort.abort();
    const edit = tools.edit.run(place, given, { signal: abort.signal, progress() {} });
    const refused = expect(edit).rejects.toMatchObject({ reason: "cancelled" });
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (who === "its client") abort.abort();
    else for (const { id } of results.cards) runner.cancel(id);
    await refused;
    expect(results.cards).toEqual([]);
  },
);

it("an edit of what the model says already leaves no card", async () => {
  const { place, results } = await workplace();
  const call = { signal: new AbortController().signal, progress() {} };
  const { value } = await tools.edit.run(place, { ...given, from: given.to, to: given.from }, call);
  expect(value).toMatchObject({ on: false, note: expect.stringContaining('already prefers " male"') });
  expect(results.cards).toEqual([]);
});

it("of the sidebar's flips an agent is told which failed", async () => {
  const { place, results } = await workplace();
  for (const [id, flipped] of Object.entries({ works: true, fails: false })) {
    const { view, saved } = flipResult("Ben");
    const after = flipped ? view.after : { ...view.after, completion: " Alice" };
    const body = { state: "done" as const, result: { view: { ...view, flipped, after }, saved } };
    const model = { name: "embedded", fingerprint: "f00d" };
    results.add({ id, created: 1, model, kind: "flip", name: "Ben", options: {}, body, nearest: null });
  }
  const told = Object.fromEntries(place.edits.list().map(({ id, flipped }) => [id, flipped]));
  expect(told).toEqual({ works: true, fails: false });
});

it("a flip of the sidebar that is off is switched on again, and not made once more", async () => {
  const { place, results } = await workplace();
  const add = (id: string, name: string, options: FlipOptions) => {
    const body = { state: "done" as const, result: flipResult(name) };
    const model = { name: "embedded", fingerprint: "f00d" };
    results.add({ id, created: 1, model, kind: "flip", name, options, body, nearest: null });
  };
  const defaults = { maxTokens: 4, limits: defaultLimits };
  add("plain", "Ben", defaults);
  add("deep", "Ben", { ...defaults, layer: 3 });
  const call = { signal: new AbortController().signal, progress() {} };
  const ask = async () => ({ defaults: { concept: gender } });
  for (const [given, id] of [
    [{}, "plain"],
    [{ layer: 3 }, "deep"],
  ] as const) {
    place.edits.set(["plain", "deep"], false);
    const flip = { ...place, ask: ask as never };
    const { value } = await tools.flip.run(flip, { names: ["Ben"], ...given }, call);
    expect(value).toMatchObject([{ id, on: true, note: expect.stringContaining("in force again") }]);
    expect(place.edits.list().filter(({ on }) => on)).toMatchObject([{ id }]);
  }
  expect(results.cards).toHaveLength(2);
});

it("tools that are used at start-up wait until the workspace's edits are there again", async () => {
  const { place } = await workplace();
  const restored: string[] = [];
  const edit = { id: "1", name: "Ben", from: "male", to: "female", layer: 2, on: true, flipped: true };
  const edits = { ...place.edits, list: () => (restored.length > 0 ? [edit] : []) };
  let restore = () => {};
  const ready = new Promise<void>((resolve) => {
    restore = () => {
      restored.push("edits");
      resolve();
    };
  });
  const call = { signal: new AbortController().signal, progress() {} };
  let answered = false;
  const listed = tools.list_edits.run({ ...place, edits, ready }, {}, call).then((answer) => {
    answered = true;
    return answer;
  });
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(answered).toBe(false);
  restore();
  expect(await listed).toEqual({ value: [edit] });
});

it("a refusal of the engine reaches the agent in its own words", async () => {
  const request = async () => {
    throw new EngineError("input", "There is no layer 99. Choose 0 to 5.");
  };
  const ask = agentAsk({ request } as unknown as EngineClient);
  const run = { signal: new AbortController().signal, progress() {} };
  const error = await ask("describe", {}, run).catch((thrown: unknown) => thrown);
  expect(refusal(error)).toBe("There is no layer 99. Choose 0 to 5.");
});
