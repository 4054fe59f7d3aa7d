import { t } from "@vscode/l10n";
import * as v from "valibot";
import * as vscode from "vscode";
import { Command } from "../contributions.ts";
import { lineOf } from "../language/namesFile.ts";
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

/** Shows a name's line in the names file beside the lab, leaving the focus where it is. */
export async function revealName(name: string, namesFile: Services["namesFile"]): Promise<void> {
  const document = await vscode.workspace.openTextDocument(vscode.Uri.file(namesFile.path));
  const line = lineOf(name, document.getText());
  if (line === undefined) {
    vscode.window.setStatusBarMessage(t("{0} is not in the names file.", name), 4000);
    return;
  }
  const open = vscode.window.visibleTextEditors.find((editor) => editor.document === document);
  await vscode.window.showTextDocument(document, {
    viewColumn: open?.viewColumn ?? vscode.ViewColumn.One,
    preserveFocus: true,
    selection: document.lineAt(line).range,
  });
}

/** Asks for another names file and makes it the setting. */
export async function chooseNames({ settings, namesFile }: Pick<Services, "settings" | "namesFile">): Promise<void> {
  const [file] =
    (await vscode.window.showOpenDialog({
      title: t("Choose the names of the experiment"),
      filters: { [t("Names (CSV)")]: ["csv"] },
    })) ?? [];
  if (!file) return;
  await settings.set("rome.namesFile", file.fsPath);
  await namesFile.load();
}
