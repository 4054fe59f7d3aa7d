import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import { Command } from "../contributions.ts";
import type { LiveEdit } from "../results/editStore.ts";
import { toCsv, toJson, toMarkdown } from "../results/formats.ts";
import type { Services } from "../services.ts";

const formats = { json: toJson, csv: toCsv, md: toMarkdown };

type Needs = Pick<Services, "results" | "runner" | "edits" | "fileEdits">;

/** Commands on the results as a whole, and on an edit of the tree. */
export function resultCommands({ results, runner, edits, fileEdits }: Needs) {
  async function exportResults(): Promise<void> {
    const file = await saveDialog("rome-results.json", {
      JSON: ["json"],
      [t("CSV (flips)")]: ["csv"],
      Markdown: ["md"],
    });
    if (!file) return;
    const extension = file.path.split(".").at(-1) ?? "";
    const format = formats[extension as keyof typeof formats] ?? toJson;
    await write(file, format(results.cards));
  }

  function clear(): void {
    const ids = results.cards.map(({ id }) => id);
    for (const id of ids) runner.cancel(id);
    results.remove(...ids);
  }

  return {
    [Command.exportResults]: exportResults,
    [Command.clearResults]: clear,
    [Command.removeEdit]: (edit?: LiveEdit) => {
      if (edit?.file === undefined) {
        if (edit) results.remove(edit.id);
        return;
      }
      edits.set([edit.id], false);
      fileEdits.remove(edit.id);
    },
    [Command.openEditInLab]: async (edit?: LiveEdit) => {
      if (edit) await vscode.commands.executeCommand(Command.openLab, { cardId: edit.id });
    },
  };
}

/** Asks where to save, beside the workspace's files. */
export function saveDialog(name: string, filters: Record<string, string[]>): Thenable<vscode.Uri | undefined> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const defaultUri = folder ? vscode.Uri.joinPath(folder, name) : undefined;
  return vscode.window.showSaveDialog({ filters, ...(defaultUri ? { defaultUri } : {}) });
}

/** Writes a file, text or bytes, and says so. */
export async function write(file: vscode.Uri, content: string | Uint8Array): Promise<void> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  await vscode.workspace.fs.writeFile(file, bytes);
  const open = t("Open");
  const choice = await vscode.window.showInformationMessage(t("Saved {0}.", file.path.split("/").at(-1) ?? ""), open);
  // Unlike showTextDocument this also opens pictures.
  if (choice === open) await vscode.commands.executeCommand("vscode.open", file);
}
