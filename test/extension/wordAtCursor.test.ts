/** The entry of the editor's context menu: it needs no selection, a name under the cursor is enough. */
import { beforeEach, expect, it, vi } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { editCommands } from "../../src/extension/commands/edits.ts";
import { Command } from "../../src/extension/contributions.ts";
import { window } from "../support/vscode.ts";

vi.mock("vscode", () => import("../support/vscode.ts"));

/** An editor with one line of code and its cursor at a character, or a selection up to another. */
function editorAt(text: string, from: number, to = from) {
  const words = [...text.matchAll(/\p{L}+/gu)].map(({ 0: word, index }) => ({
    word,
    start: index,
    end: index + word.length,
  }));
  const selection = { start: { line: 0, character: from }, end: { line: 0, character: to }, isEmpty: from === to };
  const document = {
    fileName: "/work/code.py",
    languageId: "python",
    uri: "file:///work/code.py",
    lineAt: () => ({ text }),
    offsetAt: ({ character }: { character: number }) => character,
    positionAt: (offset: number) => ({ line: 0, character: offset }),
    getWordRangeAtPosition: (at: { character: number }) =>
      words.find(({ start, end }) => start <= at.character && at.character <= end),
    getText: (range?: { word?: string; isEmpty?: boolean }) =>
      range?.word ?? (range?.isEmpty === false ? text.slice(from, to) : text),
  };
  const selections = [{ ...selection, active: selection.end }];
  return { document, selections, selection: selections[0] };
}

/** The command Flip with two known names; gives what it flips. */
function flipCommand() {
  const flip = vi.fn(async (_names: string[], ..._rest: unknown[]) => []);
  const names = {
    all: ["Ben", "Anna"],
    find: (name: string) => (["Ben", "Anna"].includes(name) ? { name } : undefined),
  };
  const services = {
    runner: { flip, flipped: () => undefined },
    results: { cards: [] },
    edits: { on: [], set() {} },
    names,
    concepts: { file: undefined, labels: ["female", "male"] },
  };
  const commands = editCommands(services as unknown as Parameters<typeof editCommands>[0]);
  return { run: () => commands[Command.flip](), flip };
}

/** The question for a name, which is dismissed. */
function asked() {
  let hide = () => {};
  const pick = {
    onDidChangeValue() {},
    onDidAccept() {},
    onDidHide: (listener: () => void) => {
      hide = listener;
    },
    dispose() {},
    show: () => hide(),
  };
  window.createQuickPick.mockReturnValue(pick);
  return pick as typeof pick & { value: string; placeholder: string; items: { label: string; detail?: string }[] };
}

const code = 'return user("Ben") or anna';
beforeEach(() => void window.createQuickPick.mockReset());

it("stands in the menu wherever a text has the focus, one entry for either concept", () => {
  const entries = manifest.contributes.menus["editor/context"];
  const when = (command: string) => entries.find((entry) => entry.command === command)?.when;
  expect(when(Command.flip)).toBe("editorTextFocus && !rome.otherConcept");
  expect(when(Command.flipName)).toBe("editorTextFocus && rome.otherConcept");
  for (const entry of entries) expect(entry.when).not.toMatch(/selection/i);
});

it("flips the known name under the cursor, and tells where it stood", async () => {
  const { run, flip } = flipCommand();
  window.activeTextEditor = editorAt(code, code.indexOf("Ben") + 1);
  await run();
  expect(window.createQuickPick).not.toHaveBeenCalled();
  expect(flip).toHaveBeenCalledExactlyOnceWith(["Ben"], {}, expect.anything());
  const [[, , { origins }]] = flip.mock.calls as unknown as [[unknown, unknown, { origins: Map<string, unknown> }]];
  expect(origins.get("Ben")).toEqual({ uri: "file:///work/code.py", line: 0, character: code.indexOf("Ben") });
});

it.each(["return", "user", "anna"])("asks for a name where the word under the cursor is “%s”", async (word) => {
  const { run, flip } = flipCommand();
  const pick = asked();
  window.activeTextEditor = editorAt(code, code.indexOf(word) + 1);
  await run();
  expect(window.createQuickPick).toHaveBeenCalledOnce();
  // Why it asks, and the word to take or to type over.
  expect(pick.value).toBe(word);
  expect(pick.placeholder).toContain(`“${word}” is not a known name`);
  expect(pick.items[0]).toMatchObject({ label: word, detail: pick.placeholder });
  expect(flip).not.toHaveBeenCalled();
});

it("asks about a selection that is no list of known names, since a capital letter makes no name", async () => {
  const { run, flip } = flipCommand();
  const text = "value = None; people = [Ben, Anna]";
  const select = (part: string) => {
    window.activeTextEditor = editorAt(text, text.indexOf(part), text.indexOf(part) + part.length);
  };
  window.showQuickPick.mockResolvedValueOnce(undefined);
  select("None");
  await run();
  expect(window.showQuickPick).toHaveBeenCalledExactlyOnceWith(
    [{ label: "None", picked: true }],
    expect.objectContaining({ canPickMany: true, ignoreFocusOut: true }),
  );
  expect(flip).not.toHaveBeenCalled();

  select("Ben, Anna");
  await run();
  expect(window.showQuickPick).toHaveBeenCalledOnce();
  expect(flip).toHaveBeenCalledExactlyOnceWith(["Ben", "Anna"], {}, expect.anything());
});

it.each([
  ["Name,Sex\nAnna,female\nZebulon,male", ["Anna", "Zebulon"]],
  ["GENDER,First Name,City\nfemale,Anna,Rome\nmale,Zebulon,Oslo", ["Anna", "Zebulon"]],
  ["id;Vorname;Geschlecht\n1;Ben;m\n2;Anna;w", ["Ben", "Anna"]],
])(
  "asks about the names of a table that is headed, all ticked: what stands in its column is a name: %j",
  async (text, names) => {
    for (const fileName of ["/work/people.csv", "/work/people.txt"]) {
      const { run, flip } = flipCommand();
      const editor = editorAt(text, 0, text.length);
      Object.assign(editor.document, { fileName });
      window.activeTextEditor = editor;
      window.showQuickPick.mockReset();
      window.showQuickPick.mockImplementationOnce(async (items) => items as never);
      await run();
      expect(window.showQuickPick).toHaveBeenCalledExactlyOnceWith(
        names.map((label) => ({ label, picked: true })),
        expect.objectContaining({ canPickMany: true }),
      );
      expect(flip.mock.calls.map(([given]) => given)).toEqual([names]);
    }
  },
);
