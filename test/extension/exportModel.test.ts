/** Export Edited Model as the window does it: a plan first, then progress with Cancel, and nothing left behind. */
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, it, vi } from "vitest";
import { savedEditCommands } from "../../src/extension/commands/savedEdits.ts";
import { Command } from "../../src/extension/contributions.ts";
import { EngineError } from "../../src/extension/engine/engineError.ts";
import type { Call } from "../../src/protocol/engine.ts";
import { temporaryFolder } from "../support/fixtures.ts";
import { flipResult } from "../support/flipResult.ts";
import { Uri, window } from "../support/vscode.ts";

vi.mock("vscode", () => import("../support/vscode.ts"));

const { showInformationMessage: said, showOpenDialog, showSaveDialog, withProgress } = window;
beforeEach(() => [said, showOpenDialog, showSaveDialog, withProgress].forEach((fake) => void fake.mockReset()));

/** Ben's flip and a vector at Anna are on; the engine answers as it is told. */
function exporting(answer: (method: string, params: never, call: Call) => unknown = () => ({})) {
  const asked: string[] = [];
  const engine = {
    request: async (method: string, params: never, call: Call) => {
      asked.push(method);
      return answer(method, params, call);
    },
  };
  const ben = { kind: "flip", body: { state: "done", result: flipResult("Ben") } };
  const services = {
    engine,
    models: { describe: async () => ({ model: { name: "owner/model" } }), use: vi.fn() },
    edits: {
      on: [
        { id: "ben", name: "Ben" },
        { id: "anna", name: "Anna" },
      ],
    },
    results: { find: (id: string) => (id === "ben" ? ben : undefined) },
  };
  const commands = savedEditCommands(services as unknown as Parameters<typeof savedEditCommands>[0]);
  return { commands, asked, use: services.models.use };
}

/** What the window shows while it works; `cancel` is its button. */
function progressShown() {
  const reports: { message?: string; increment?: number }[] = [];
  let cancel = () => {};
  withProgress.mockImplementation((options, work) => {
    expect(options).toMatchObject({ cancellable: true });
    const token = {
      onCancellationRequested: (listener: () => void) => {
        cancel = listener;
      },
    };
    return work({ report: (report: (typeof reports)[0]) => reports.push(report) }, token);
  });
  return { reports, cancel: () => cancel() };
}

it("tells where to, which edits and layer, and what is left out, before anything is written", async () => {
  const plan = { folder: "/models/owner-model-edited", written: 2_000_000, linked: 1_000_000 };
  const { commands, asked } = exporting((method) => (method === "planExport" ? plan : {}));
  showOpenDialog.mockResolvedValue([Uri.file("/models")]);
  await commands[Command.exportModel]();
  const [question, { modal, detail }, start] = said.mock.calls[0] as unknown as [
    string,
    Record<string, string>,
    string,
  ];
  expect([question, modal, start]).toEqual(["Export owner/model with its edits?", true, "Export"]);
  expect(detail).toContain("/models/owner-model-edited");
  expect(detail).toContain("1 edit (Ben) is written into the MLP output matrix of layer 5.");
  expect(detail).toContain("About 2.0 MB are written, 1.0 MB shared by links");
  expect(detail).toContain("Left out, because they write the vector: Anna.");
  // The question was dismissed.
  expect(asked).toEqual(["saveEdits", "planExport"]);
  expect(withProgress).not.toHaveBeenCalled();
});

it("takes a name that is free, and says nothing of links where there are none", async () => {
  const parent = await temporaryFolder();
  for (const name of ["owner-model-edited", "owner-model-edited-2"]) mkdirSync(join(parent, name));
  const { commands } = exporting((method, params: { out: string }) =>
    method === "saveEdits" ? {} : { folder: params.out, written: 2_000_000, linked: 0 },
  );
  showOpenDialog.mockResolvedValue([Uri.file(parent)]);
  said.mockResolvedValueOnce("Export");
  progressShown();
  await commands[Command.exportModel]();
  const [, { detail }] = said.mock.calls[0] as unknown as [string, { detail: string }];
  expect(detail).toContain(join(parent, "owner-model-edited-3"));
  expect(detail).toContain("About 2.0 MB are written.");
  expect(said.mock.calls[1]?.[0]).toBe("owner-model-edited-3 is exported: 2.0 MB written.");
});

it("an export that cannot be made is refused before its plan is shown", async () => {
  const { commands } = exporting((method) => {
    if (method === "planExport") throw new EngineError("input", "/models/owner-model-edited is there already.");
    return {};
  });
  showOpenDialog.mockResolvedValue([Uri.file("/models")]);
  await expect(commands[Command.exportModel]()).rejects.toMatchObject({ reason: "input" });
  expect(said).not.toHaveBeenCalled();
});

it("shows progress, says what was written, and uses the model where that is wished", async () => {
  let file = "";
  const { commands, use } = exporting((method, params: { files: string[]; out: string }, call) => {
    if (method !== "exportModel") return {};
    file = params.files[0] ?? "";
    for (const done of [1, 3]) call.progress({ phase: "write", done, total: 4 });
    return { folder: params.out, written: 2_000_000, linked: 1_000_000 };
  });
  showOpenDialog.mockResolvedValue([Uri.file("/models")]);
  said.mockResolvedValueOnce("Export").mockResolvedValueOnce("Use It");
  const { reports } = progressShown();
  const begun = performance.now();
  await commands[Command.exportModel]();
  expect(reports).toEqual([{ increment: 25 }, { increment: 50 }]);
  // The window keeps a progress for 800 ms at least: what is said then is not to stand over it.
  expect(performance.now() - begun).toBeGreaterThan(800);
  expect(said.mock.calls[1]?.[0]).toBe("owner-model-edited is exported: 2.0 MB written, 1.0 MB shared.");
  expect(use).toHaveBeenCalledExactlyOnceWith("/models/owner-model-edited");
  expect(file).toMatch(/edits\.romedit$/);
  expect(existsSync(file.replace(/[^/]*$/, ""))).toBe(false);
});

it("Cancel reaches the engine, and the edits' file is gone", async () => {
  let file = "";
  const progress = progressShown();
  const { commands, use } = exporting((method, params: { files: string[] }, call) => {
    if (method !== "exportModel") return {};
    file = params.files[0] ?? "";
    return new Promise((_, reject) => {
      call.signal.addEventListener("abort", () => reject(new EngineError("cancelled", "Cancelled.")));
      progress.cancel();
    });
  });
  showOpenDialog.mockResolvedValue([Uri.file("/models")]);
  said.mockResolvedValueOnce("Export");
  await expect(commands[Command.exportModel]()).rejects.toMatchObject({ reason: "cancelled" });
  expect(said).toHaveBeenCalledOnce();
  expect(use).not.toHaveBeenCalled();
  expect(existsSync(file.replace(/[^/]*$/, ""))).toBe(false);
});

it("the edits that are on are saved where the user says, and what has no file is named", async () => {
  const saved: unknown[] = [];
  const { commands } = exporting((_, params) => void saved.push(params));
  showSaveDialog.mockResolvedValue(Uri.file("/work/edits.romedit"));
  await commands[Command.saveEdits]();
  expect(saved).toEqual([{ file: "/work/edits.romedit", edits: [flipResult("Ben").saved] }]);
  expect(said.mock.calls[0]?.[0]).toBe("Saved 1 edit in edits.romedit. Left out, because they write the vector: Anna.");
});
