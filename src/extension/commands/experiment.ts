import * as v from "valibot";
import * as vscode from "vscode";
import { Command } from "../contributions.ts";
import type { Services } from "../services.ts";

const labArgument = v.object({ name: v.optional(v.string()), cardId: v.optional(v.string()) });

type Needs = Pick<
  Services,
  "lab" | "labPanel" | "results" | "experiments" | "namesFile" | "settings" | "models" | "errors"
>;

/** Commands of the lab, the experiment and its names. */
export function experimentCommands(services: Needs) {
  const { lab, labPanel, results, experiments, namesFile, settings, models, errors } = services;

  async function openLab(argument?: unknown): Promise<void> {
    const given = v.safeParse(labArgument, argument);
    const { name, cardId } = given.success ? given.output : {};
    // The form needs the model's defaults; the engine starts while the panel opens.
    const described = errors.guard(() => models.describe());
    labPanel.open({ tab: "flip", name });
    const card = cardId === undefined ? undefined : results.find(cardId);
    if (card?.kind !== "flip") return;
    await described;
    labPanel.open({ tab: "flip", request: lab.requestOf(card) });
  }

  async function record(file?: unknown): Promise<void> {
    if (file instanceof vscode.Uri && file.fsPath !== namesFile.path) {
      await settings.set("rome.namesFile", file.fsPath);
      await namesFile.load();
    }
    labPanel.open({ tab: "experiment" });
    await experiments.record(namesFile.ownPath);
  }

  return {
    [Command.openLab]: openLab,
    [Command.record]: record,
    [Command.openNames]: async () => {
      await vscode.window.showTextDocument(vscode.Uri.file(namesFile.path), { preview: false });
    },
  };
}
