/** The form of the lab: what of it reaches the engine, and what is said of it before it runs. */
import { expect, it, vi } from "vitest";
import type { EngineClient } from "../../src/extension/engine/engineClient.ts";
import { optionsOf, PreflightCheck } from "../../src/extension/lab/preflight.ts";
import { defaultLimits } from "../../src/protocol/editEntry.ts";
import type { LabRequest } from "../../src/protocol/webview.ts";

const request: LabRequest = {
  name: "Ben",
  template: "Name: {}. Gender:",
  targets: [
    { label: "female", text: " female" },
    { label: "male", text: " male" },
  ],
  layer: 2,
  hyperParameters: {},
  covariance: "auto",
  key: "rome",
  contexts: 21,
  maxTokens: null,
};

it("leaves the length of completions to the settings, unless the form names one", () => {
  expect(optionsOf(request)).not.toHaveProperty("maxTokens");
  expect(optionsOf({ ...request, maxTokens: 7 })).toMatchObject({ maxTokens: 7, contexts: 21 });
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
    () => {},
  );
  check.check(request, undefined);
  await vi.runAllTimersAsync();
  vi.useRealTimers();
  expect(check.known).toEqual(known);
  expect(check.notes.some(({ message }) => message.includes("rolled back"))).toBe(warned);
});
