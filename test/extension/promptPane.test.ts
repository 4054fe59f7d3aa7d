/** The prompt pane's host side: what it asks the engine, what it shows meanwhile, and that a newer request ends an older one. */
import { describe, expect, it } from "vitest";
import { EngineError } from "../../src/extension/engine/engineError.ts";
import { PromptPane } from "../../src/extension/lab/promptPane.ts";
import type { LiveEdit } from "../../src/extension/results/editStore.ts";
import type { Call, Params } from "../../src/protocol/engine.ts";
import type { LabPromptRequest } from "../../src/protocol/labPrompt.ts";

const request: LabPromptRequest = {
  prompt: "Name: Ben. Gender:",
  at: "name",
  vectors: [
    { from: "", label: "", scale: -1, erase: true },
    { from: "/v.npy", label: "v", scale: 0, erase: false },
    { from: "/w", label: "w", scale: 2, erase: false },
  ],
  edits: true,
  maxTokens: 8,
};
const view = {
  prompt: request.prompt,
  before: { completion: " male" },
  after: { completion: " female", tokens: [] },
  proof: null,
};

/** A pane whose requests are answered by hand. */
function pane() {
  const asked: {
    method: string;
    params: unknown;
    call?: Call;
    answer: (value: unknown) => void;
    fail: (error: Error) => void;
  }[] = [];
  const on = [{ edit: { layer: 2, u: "", r: "" } }] as LiveEdit[];
  let changes = 0;
  const engine = {
    request: (method: string, params: unknown, call?: Call) =>
      new Promise((answer, fail) => asked.push({ method, params, call, answer, fail })),
  } as unknown as ConstructorParameters<typeof PromptPane>[0];
  return { made: new PromptPane(engine, { on }, () => changes++), asked, changes: () => changes };
}

describe("the prompt pane", () => {
  it("asks for what its sliders and boxes say, with the edits that are on", async () => {
    const { made, asked, changes } = pane();
    const done = made.run(request);
    const { adapters, edits, prompt, maxTokens } = asked[0]!.params as Params<"steer">;
    expect(adapters).toEqual([
      { kind: "steer", at: "name", scale: -1 },
      { kind: "erase", at: "name" },
      { kind: "steer", from: "/w", at: "name", scale: 2 },
    ]);
    expect({ edits, prompt, maxTokens }).toEqual({
      edits: [{ layer: 2, u: "", r: "" }],
      prompt: request.prompt,
      maxTokens: 8,
    });
    asked[0]!.call!.progress({ phase: "generate", done: 1, total: 8, detail: { texts: [" ma", " fe"] } });
    expect(made.state).toEqual({ state: "running", prompt: request.prompt, texts: [" ma", " fe"] });
    asked[0]!.answer({ view, saved: [{ entry: {}, edit: {} }] });
    await done;
    expect(made.state).toEqual({ state: "done", result: view, hasVectors: true });
    expect(changes()).toBe(3);
    const saving = made.save("/x.romedit");
    expect(asked[1]).toMatchObject({ method: "saveVectors", params: { file: "/x.romedit", vectors: [{ entry: {} }] } });
    asked[1]!.answer({});
    await saving;
  });

  it("forgets an older request when a newer one comes", async () => {
    const { made, asked } = pane();
    const first = made.run(request);
    const second = made.run({ ...request, edits: false, vectors: [] });
    expect(asked[0]!.call!.signal.aborted).toBe(true);
    asked[0]!.fail(new EngineError("cancelled", "Cancelled."));
    await first;
    expect(made.state.state).toBe("running");
    asked[1]!.answer({ view, saved: [] });
    await second;
    expect(made.state).toEqual({ state: "done", result: view, hasVectors: false });
    const third = made.run(request);
    made.cancel();
    asked[2]!.fail(new EngineError("cancelled", "Cancelled."));
    await third;
    expect(made.state).toEqual({ state: "done", result: view, hasVectors: false });
    const fourth = made.run(request);
    asked[3]!.fail(new EngineError("data", "No vector."));
    await fourth;
    expect(made.state).toEqual({ state: "failed", failure: { message: "No vector." } });
  });
});
