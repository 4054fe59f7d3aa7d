import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import { lineOf } from "../language/namesFile.ts";
import type { Services } from "../services.ts";

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
