/** Open Names File: the user's own file as it is, one that came with the extension as a text that nobody can write. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { experimentCommands } from "../../src/extension/commands/experiment.ts";
import { Command } from "../../src/extension/contributions.ts";
import { provideShippedNames } from "../../src/extension/ui/shippedNames.ts";
import { type Uri, window, workspace } from "../support/vscode.ts";

vi.mock("vscode", () => import("../support/vscode.ts"));

const shipped = join(import.meta.dirname, "../../data/names.csv");

async function open(namesFile: { ownPath: string | undefined; path: string }): Promise<Uri> {
  window.showTextDocument.mockClear();
  await experimentCommands({ namesFile } as unknown as Parameters<typeof experimentCommands>[0])[Command.openNames]();
  return window.showTextDocument.mock.calls[0]?.[0] as Uri;
}

it("opens the installed file as a read-only copy", async () => {
  const namesFile = { ownPath: undefined, path: shipped };
  const uri = await open(namesFile);
  // Documents of a content provider cannot be edited; the address names no file of the disk.
  expect([uri.scheme, uri.path]).toEqual(["rome-names", "/names.csv"]);
  provideShippedNames(namesFile);
  const [scheme, provider] = workspace.registerTextDocumentContentProvider.mock.calls[0] as unknown as [
    string,
    { provideTextDocumentContent: () => Promise<string> },
  ];
  expect(scheme).toBe(uri.scheme);
  expect(await provider.provideTextDocumentContent()).toBe(readFileSync(shipped, "utf8"));
});

it("opens the user's own file itself", async () => {
  const uri = await open({ ownPath: "/work/own.csv", path: "/work/own.csv" });
  expect([uri.scheme, uri.fsPath]).toEqual(["file", "/work/own.csv"]);
});
