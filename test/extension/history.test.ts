/** Show Experiments…: the same experiments that can be compared, and what comes of choosing one. */
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { historyCommands } from "../../src/extension/commands/history.ts";
import { Command } from "../../src/extension/contributions.ts";
import { temporaryFolder } from "../support/fixtures.ts";
import { window, workspace } from "../support/vscode.ts";

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

/** The list of experiments, whose first line's button of this icon is pressed the first time it is shown. */
function listed(icon: string) {
  type Line = { buttons: { iconPath: { id: string } }[]; description: string };
  const shown: Line[][] = [];
  window.createQuickPick.mockImplementation(() => {
    let press = (_: unknown) => {};
    let hide = () => {};
    return {
      items: [] as Line[],
      onDidAccept() {},
      onDidTriggerItemButton(listener: typeof press) {
        press = listener;
      },
      onDidHide(listener: typeof hide) {
        hide = listener;
      },
      hide() {},
      dispose() {},
      show() {
        shown.push(this.items);
        const [item] = this.items;
        const button = (item as Line | undefined)?.buttons.find(({ iconPath }) => iconPath.id === icon);
        if (shown.length === 1 && button) press({ item, button });
        else hide();
      },
    };
  });
  return shown;
}

it("an experiment goes to the trash after a question that says which, and the list is there again", async () => {
  const folder = join(await temporaryFolder(), "recorded");
  cpSync(shipped.embedded, join(folder, "one"), { recursive: true });
  const discard = vi.fn(async () => {});
  const services = {
    concepts: { file: undefined },
    experiments: { folder, discard },
    reports: { shipped, recordedFolder: () => join(folder, "one") },
    chosenModel: { folder: "embedded" },
  };
  const commands = historyCommands(services as unknown as Parameters<typeof historyCommands>[0]);
  const shown = listed("trash");
  workspace.fs.delete
    .mockReset()
    .mockImplementation(async ({ path }: { path: string }) => rmSync(path, { recursive: true }));
  window.showWarningMessage.mockReset().mockResolvedValueOnce("Delete");
  await commands[Command.showExperiments]();
  const [question, { detail }] = window.showWarningMessage.mock.calls[0] as unknown as [string, { detail: string }];
  expect(question).toBe("Delete this experiment?");
  expect(detail).toMatch(
    /^1,000 names · gender · embedded · .*20\d\d.*are deleted, into the trash where there is one\.$/,
  );
  expect(workspace.fs.delete).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ path: join(folder, "one") }), {
    recursive: true,
    useTrash: true,
  });
  expect(discard).toHaveBeenCalledOnce();
  expect(shown.map((items) => items.length)).toEqual([3, 2]);
  // A long name of a model hides only its own end.
  expect(shown[1]?.map(({ description }) => description.split(" · ")[0])).toEqual(
    Array(2).fill("came with the extension"),
  );
});
