/** Prepare Model as the window does it: its plan first, steps to leave out, progress with Cancel, and the page at the end. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, it, vi } from "vitest";
import { modelPreparation } from "../../src/extension/commands/prepareModel.ts";
import { Command } from "../../src/extension/contributions.ts";
import type { Call, Description } from "../../src/protocol/engine.ts";
import { type PreparationPlan, steps } from "../../src/protocol/preparation.ts";
import { temporaryFolder } from "../support/fixtures.ts";
import { commands, window } from "../support/vscode.ts";

vi.mock("vscode", () => import("../support/vscode.ts"));

const { showInformationMessage: said, showQuickPick, withProgress, createWebviewPanel } = window;
const fakes = [said, showQuickPick, withProgress, createWebviewPanel, commands.executeCommand];
beforeEach(() => {
  for (const fake of fakes) fake.mockReset();
  withProgress.mockImplementation((options, work) => {
    expect(options).toMatchObject({ cancellable: true });
    const token = {
      onCancellationRequested: (listener: () => void) => {
        shown.cancel = listener;
      },
    };
    return work({ report: ({ message }: { message: string }) => shown.told.push(message) }, token);
  });
  shown.told = [];
});

/** What the window shows while it works, and its button. */
const shown = { told: [] as string[], cancel: () => {} };

const plan: PreparationPlan = {
  model: "owner/model",
  concept: "gender",
  steps: steps.map((step) => ({
    step,
    state: step === "known" ? "done" : "to do",
    what: "",
    seconds: step === "tune" ? 900 : 10,
    bytes: step === "covariance" ? 14_200_000 : 0,
  })),
  seconds: 940,
  bytes: 14_200_000,
};

/** A model whose plan is answered with these steps; the engine prepares as it is told. */
function preparing(
  wanted: readonly string[] | undefined,
  { replaces, prepare = () => ({}) }: { replaces?: string; prepare?: (call: Call) => unknown } = {},
) {
  const asked: unknown[][] = [];
  const engine = {
    request: async (method: string, params: unknown, call: Call) => {
      asked.push([method, params]);
      return method === "planPreparation" ? { ...plan, replaces } : prepare(call);
    },
  };
  const models = { describe: async () => ({ model: { name: "owner/model" } }), reopen: vi.fn() };
  const modelsTree = { refresh: vi.fn() };
  showQuickPick.mockImplementation(async (items) =>
    wanted === undefined ? undefined : (items as { step: string }[]).filter(({ step }) => wanted.includes(step)),
  );
  const services = { engine, models, modelsTree } as unknown as Parameters<typeof modelPreparation>[0];
  return { ...modelPreparation(services), asked, models, modelsTree };
}

it("tells time and disk of each step before anything is done; a question that is dismissed does nothing", async () => {
  const { prepare, asked, models } = preparing(undefined);
  await prepare();
  const [items, options] = showQuickPick.mock.calls[0] as unknown as [Record<string, unknown>[], { title: string }];
  expect(options.title).toBe("Prepare Model: about 16 min, up to 14.2 MB of disk (the time may be half or twice that)");
  expect(items.map(({ label, description, picked }) => [label, description, picked])).toEqual([
    ["What the model knows", "done", true],
    ["How it writes the labels", "about 10 s", true],
    ["Prefix contexts", "about 10 s", true],
    ["The layer", "about 10 s", true],
    ["The covariance of its keys", "about 10 s, up to 14.2 MB of disk", true],
    ["The optimiser's numbers", "about 15 min", true],
  ]);
  expect(asked).toEqual([["planPreparation", {}]]);
  expect(models.reopen).not.toHaveBeenCalled();
});

it("warns of the other concept's preparation that it takes the place of", async () => {
  await preparing(undefined, { replaces: "age" }).prepare();
  expect(showQuickPick.mock.calls[0]?.[1]).toMatchObject({
    placeHolder:
      "Steps to take; it can be stopped and goes on from there. It takes the place of the preparation for age",
  });
});

it("leaves out what was not chosen, tells of each step, opens the model anew, and shows why in the editor", async () => {
  const page = join(await temporaryFolder(), "prepared.html");
  writeFileSync(page, "<h1>Why</h1>");
  const { prepare, asked, models, modelsTree } = preparing(["known", "forms", "contexts", "covariance"], {
    prepare: ({ progress }) => {
      progress({ phase: "known", done: 20, total: 120 });
      progress({ phase: "forms", done: 0, total: 0 });
      // A pass of a step has its own name.
      progress({ phase: "solve", done: 3, total: 20 });
      return { layer: 5, page };
    },
  });
  said.mockResolvedValueOnce("Show Why");
  const panel = { webview: { html: "" } };
  createWebviewPanel.mockReturnValueOnce(panel);
  await prepare();
  expect(asked[1]).toEqual(["prepare", { skip: ["layers", "tune"] }]);
  expect(shown.told).toEqual(["What the model knows: 20 of 120", "How it writes the labels"]);
  expect(models.reopen).toHaveBeenCalledOnce();
  expect(modelsTree.refresh).toHaveBeenCalledOnce();
  expect(said.mock.calls[0]?.[0]).toBe("owner/model is prepared: its edits use layer 5.");
  expect(createWebviewPanel.mock.calls[0]?.[1]).toBe("Why owner/model is prepared so");
  expect(panel.webview.html).toBe("<h1>Why</h1>");
});

it("Cancel gives up the preparation, and nothing is said to be prepared", async () => {
  const { prepare, models } = preparing(steps, {
    prepare: ({ signal }) => {
      shown.cancel();
      signal.throwIfAborted();
      return {};
    },
  });
  await expect(prepare()).rejects.toThrow();
  expect(said).not.toHaveBeenCalled();
  expect(models.reopen).not.toHaveBeenCalled();
});

it.each([
  ["default", 1],
  ["prepared", 0],
  ["model", 0],
  ["published", 0],
])("a model whose numbers are of origin %s is offered to be prepared %i times", async (origin, times) => {
  said.mockResolvedValue("Prepare Model…");
  preparing(undefined).offer({ model: { name: "owner/model" }, defaults: { origin } } as unknown as Description);
  await Promise.resolve();
  expect(said).toHaveBeenCalledTimes(times);
  expect(commands.executeCommand.mock.calls).toEqual(times === 0 ? [] : [[Command.prepareModel]]);
});
