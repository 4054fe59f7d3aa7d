/** Diagnostics of concept files, where the chosen one changes on disk. */
import { expect, it, vi } from "vitest";
import { Emitter } from "vscode-jsonrpc";
import { checkConcept } from "../../src/engine/concept/concept.ts";
import type { ConceptEntry } from "../../src/extension/concepts/concepts.ts";
import { ExperimentFiles } from "../../src/extension/language/experimentFiles.ts";
import { closed, diagnostics, opened, Uri, workspace } from "../support/vscode.ts";

vi.mock("vscode", () => import("../support/vscode.ts"));

const file = "/work/cities.concept.json";
const entry = (text: string | undefined): ConceptEntry => {
  const problem = "wrong";
  return { file, shipped: false, text, concept: undefined, problem };
};

function experimentFiles() {
  const changed = new Emitter<void>();
  const concepts = { unusable: undefined as ConceptEntry | undefined, onDidChange: changed.event };
  const settings = { get: () => true, onDidChange: () => ({ dispose() {} }) };
  const engine = { request: async (_: string, { text }: { text: string }) => checkConcept(text).problems };
  const namesFile = { ownPath: undefined, onDidChange: () => ({ dispose() {} }) };
  const given = [engine, concepts, namesFile, settings, { record: (error: unknown) => Promise.reject(error) }];
  new ExperimentFiles(...(given as unknown as ConstructorParameters<typeof ExperimentFiles>));
  const told = () => diagnostics.get(String(Uri.file(file)))?.map(({ message, range }) => [range.start.line, message]);
  const set = (unusable: ConceptEntry | undefined) => {
    concepts.unusable = unusable;
    changed.fire();
  };
  return { told, set };
}

it("a chosen concept that became invalid is told of without an editor, until it is mended or gone", async () => {
  const { told, set } = experimentFiles();
  set(entry('{\n  "name": "cities",\n'));
  await vi.waitFor(() => expect(told()).toEqual([[1, expect.stringContaining("not valid JSON")]]));
  set(entry('{ "name": 3 }'));
  await vi.waitFor(() =>
    expect(told()?.map(([, message]) => message)).toContainEqual(expect.stringMatching(/^Name: /)),
  );
  set(undefined);
  expect(told()).toBeUndefined();
  set(entry("{"));
  await vi.waitFor(() => expect(told()).toHaveLength(1));
  set(entry(undefined));
  expect(told()).toBeUndefined();
});

it("an open concept file is checked as it is typed, whatever is left of its fields, and told of when it is closed", async () => {
  const { told, set } = experimentFiles();
  const line = { range: { start: { line: 0 } } };
  const document = {
    uri: Uri.file(file),
    fileName: file,
    lineCount: 1,
    version: 1,
    isClosed: false,
    getText: () => "{",
    lineAt: () => line,
  };
  workspace.textDocuments.push(document);
  opened.fire(document);
  await vi.waitFor(() => expect(told()).toEqual([[0, expect.stringContaining("not valid JSON")]]), 2000);
  set(entry("{"));
  workspace.textDocuments.pop();
  closed.fire(document);
  expect(told()).toBeUndefined();
  await vi.waitFor(() => expect(told()).toHaveLength(1));
});
