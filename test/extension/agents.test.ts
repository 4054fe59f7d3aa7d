/** The tools of the editor's own chat: what changes the model's answers asks first, what reads does not. */
import { expect, it, vi } from "vitest";
import type * as vscode from "vscode";
import { registerAgents } from "../../src/extension/agents/agents.ts";
import { languageModelToolName } from "../../src/extension/contributions.ts";
import { type Tool, tools } from "../../src/mcp/tools.ts";
import { lm } from "../support/vscode.ts";

vi.mock("vscode", () => import("../support/vscode.ts"));

type Prepare = vscode.LanguageModelTool<object>["prepareInvocation"];

it("each tool that changes what the model answers asks for a confirmation that shows its input", async () => {
  const context = { extension: { packageJSON: { version: "1" } } };
  registerAgents(...([context, {}, {}, {}] as unknown as Parameters<typeof registerAgents>));
  const registered = new Map(lm.registerTool.mock.calls as unknown as [string, { prepareInvocation: Prepare }][]);
  const entries = Object.entries<Tool>(tools);
  expect(registered.size).toBe(entries.length);
  expect(entries.filter(([, { changes }]) => changes).map(([name]) => name)).toEqual(
    expect.arrayContaining(["flip", "edit", "undo"]),
  );
  for (const [name, tool] of entries) {
    const prepare = registered.get(languageModelToolName(name))?.prepareInvocation as NonNullable<Prepare>;
    const prepared = await prepare({ input: { name: "Ben" } } as never, undefined as never);
    expect(prepared?.invocationMessage, name).toBe(tool.title);
    if (tool.changes) expect(prepared?.confirmationMessages?.message, name).toContain('{"name":"Ben"}');
    else expect(prepared, name).not.toHaveProperty("confirmationMessages");
  }
});
