/** The form of the lab: what of it reaches the engine, and what is said of it before it runs. */
import { expect, it, vi } from "vitest";
import type { EngineClient } from "../../src/extension/engine/engineClient.ts";
import { optionsOf, PreflightCheck } from "../../src/extension/lab/preflight.ts";
import { defaultLimits } from "../../src/protocol/editEntry.ts";
import type { Description } from "../../src/protocol/engine.ts";
import { gender, labRequest as request } from "../support/labRequest.ts";
import { memento } from "../support/memento.ts";

it("leaves the length of completions to the settings, unless the form names one", () => {
  expect(optionsOf(request, gender)).not.toHaveProperty("maxTokens");
  expect(optionsOf({ ...request, maxTokens: 7 }, gender)).toMatchObject({ maxTokens: 7, contexts: 21 });
});

it.each([
  [defaultLimits.denominatorShare, false],
  [0.3, true],
])("warns of a rollback by the limit of the settings, %s", async (denominatorShare, warned) => {
  vi.useFakeTimers();
  const known = {
    tokens: [],
    subject: [2, 2],
    targets: [[" female"], [" male"]],
    layer: 2,
    contexts: 21,
    covarianceTokens: 1,
    denominatorShare: 0.226,
  };
  const engine = { state: { kind: "ready", busy: false }, request: async () => known } as unknown as EngineClient;
  const check = new PreflightCheck(
    engine,
    () => ({ ...defaultLimits, denominatorShare }),
    () => undefined,
    memento(),
    () => {},
  );
  check.check(request, { model: { layers: 6 }, defaults: { concept: gender } } as Description);
  await vi.runAllTimersAsync();
  vi.useRealTimers();
  expect(check.known).toEqual(known);
  expect(check.notes.some(({ message }) => message.includes("rolled back"))).toBe(warned);
});

it("keeps what is known while the same request runs, and asks again once the engine is free", async () => {
  vi.useFakeTimers();
  const asked: string[] = [];
  const state = { kind: "ready", busy: true };
  const engine = {
    state,
    request: async (_: string, { name }: { name: string }) => {
      asked.push(name);
      return { subject: [0, 0], targets: [], covarianceTokens: 1, denominatorShare: 1 };
    },
  } as unknown as EngineClient;
  const check = new PreflightCheck(
    engine,
    () => defaultLimits,
    () => undefined,
    memento(),
    () => {},
  );
  const description = { model: { layers: 6 }, defaults: { concept: gender } } as Description;
  check.check(request, description);
  await vi.runAllTimersAsync();
  expect(asked).toEqual([]);
  state.busy = false;
  check.resume();
  await vi.runAllTimersAsync();
  expect(check.known).not.toBeNull();
  check.check({ ...request }, description);
  await vi.runAllTimersAsync();
  expect(check.known).not.toBeNull();
  check.check({ ...request, name: "Anna" }, description);
  expect(check.known).toBeNull();
  await vi.runAllTimersAsync();
  vi.useRealTimers();
  expect(asked).toEqual(["Ben", "Anna"]);
});

it("makes a concept of the form's own words, and leaves the usual one as it is", () => {
  expect(optionsOf(request, gender).concept).toEqual(gender);
  const own = optionsOf({ ...request, template: "{} is a" }, gender).concept;
  expect(own).toMatchObject({ name: "own prompt", prompt: "{} is a", targets: request.targets });
});

it("names the layer of the recorded experiment as the one that scores are known for, and none where nothing is recorded", () => {
  let scored: number | undefined;
  const check = new PreflightCheck(
    { state: { kind: "stopped" } } as unknown as EngineClient,
    () => defaultLimits,
    () => scored,
    memento(),
    () => {},
  );
  const notes = () => check.notes.filter(({ field }) => field === "layer").map(({ message }) => message);
  check.check({ ...request, layer: 3 }, {
    model: { layers: 6, editLayer: 2 },
    defaults: { concept: gender },
  } as Description);
  expect(notes()).toEqual([]);
  scored = 4;
  expect(notes()).toEqual(["Scores and projections are known for layer 4 only."]);
  scored = 3;
  expect(notes()).toEqual([]);
});
