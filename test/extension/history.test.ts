/** Show Experiments…: the same experiments that can be compared, and what comes of choosing one. */
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { historyCommands } from "../../src/extension/commands/history.ts";
import { Command } from "../../src/extension/contributions.ts";
import { temporaryFolder } from "../support/fixtures.ts";
import { window } from "../support/vscode.ts";

vi.mock("vscode", () => import("../support/vscode.ts"));

const models = join(import.meta.dirname, "../..");
const shipped = {
  embedded: join(models, "models/embedded/experiment"),
  pretrained: join(models, "samples/Qwen2.5-Coder-0.5B"),
};

it("lists what came with the extension beside what was recorded here, and opens the embedded model's as shipped", async () => {
  type Line = { experiment: { folder: string; report: { model: object; prompt: string } }; buttons: unknown[] };
  let accept = () => {};
  const pick = {
    items: [] as Line[],
    selectedItems: [] as Line[],
    onDidAccept(listener: () => void) {
      accept = listener;
    },
    onDidTriggerItemButton() {},
    onDidHide() {},
    hide() {},
    dispose() {},
    show() {
      this.selectedItems = this.items.slice(0, 1);
      accept();
    },
  };
  window.createQuickPick.mockReturnValue(pick);
  const setRecorded = vi.fn(async (..._: unknown[]) => {});
  const open = vi.fn();
  const services = {
    concepts: { file: undefined },
    experiments: { folder: await temporaryFolder() },
    reports: { shipped, setRecorded, load: async () => {} },
    chosenModel: { folder: "embedded" },
    models: {
      describe: async () => {
        const [line] = pick.items;
        return { model: line?.experiment.report.model, defaults: { concept: line?.experiment.report } };
      },
      reopen: async () => {},
    },
    labPanel: { open },
  };
  const commands = historyCommands(services as unknown as Parameters<typeof historyCommands>[0]);
  await commands[Command.showExperiments]();
  expect(pick.items.map(({ experiment }) => experiment.folder)).toEqual([shipped.embedded, shipped.pretrained]);
  // They can be compared, not deleted.
  expect(pick.items.map(({ buttons }) => buttons.length)).toEqual([1, 1]);
  expect(setRecorded).toHaveBeenCalledExactlyOnceWith("embedded", undefined, undefined);
  expect(open).toHaveBeenCalledOnce();
});
