/** What an agent reads of arguments that cannot be used. */
import { expect, it } from "vitest";
import { refusal } from "../../src/mcp/refusal.ts";
import { type Tool, tools, type Workplace } from "../../src/mcp/tools.ts";

async function refused(name: keyof typeof tools, given: unknown): Promise<string> {
  const call = { signal: new AbortController().signal, progress() {} };
  const tool: Tool = tools[name];
  return tool.run({} as Workplace, given, call).then(() => "nothing was refused", refusal);
}

it.each([
  ["redo", {}, "The argument ids is missing."],
  ["redo", { ids: "1" }, 'The argument ids takes a list, not "1".'],
  ["redo", { id: "1" }, 'The argument ids is missing. There is no argument "id": those that exist are ids.'],
  ["complete", { prompt: ["Ben"] }, "The argument prompt takes a text, not a list."],
  ["redo", { ids: [1] }, "The argument ids.0 takes a text, not 1."],
  ["edit", { prompt: "{} is", subject: "Ben" }, "The argument from is missing. The argument to is missing."],
  ["complete", { prompt: "Ben", maxTokens: "8" }, 'The argument maxTokens takes a number, not "8".'],
  [
    "flip",
    { names: ["Ben"], contexts: true },
    'The argument contexts takes fields, a number, "none" or a list, not true.',
  ],
  ["flip", { names: ["Ben"], keepBad: 1 }, "The argument keepBad takes true or false, not 1."],
  [
    "flip",
    { names: ["Ben"], hyperParameters: { v_lr: "x" } },
    'The argument hyperParameters.v_lr takes a number, not "x".',
  ],
  ["steer", { prompt: "Ben", adapters: [{ scale: 1 }] }, "The argument adapters.0.kind is missing."],
  ["steer", { prompt: "Ben", adapters: ["x"] }, 'The argument adapters.0 takes fields, not "x".'],
] as const)("%s %j is refused in a plain sentence", async (name, given, words) => {
  expect(await refused(name, given)).toBe(words);
});
