import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import { lineOf } from "../language/names.ts";
import type { Services } from "../services.ts";
import { namesUri } from "./shippedNames.ts";

/** Shows a name's line in the names file beside the lab, leaving the focus where it is. */
export async function revealName(name: string, namesFile: Services["namesFile"]): Promise<void> {
  const document = await vscode.workspace.openTextDocument(namesUri(namesFile));
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

/** Asks for another names file and makes it this workspace's; the shipped names are a choice, too. */
export async function chooseNames(namesFile: Services["namesFile"]): Promise<void> {
  const shipped = t("The names that come with the extension");
  const browse = t("Browse…");
  if (namesFile.ownPath !== undefined) {
    const answer = await vscode.window.showQuickPick([shipped, browse], { title: t("Names of the experiment") });
    if (answer === shipped) return namesFile.choose(undefined);
    if (answer === undefined) return;
  }
  const [file] =
    (await vscode.window.showOpenDialog({
      title: t("Choose the names of the experiment"),
      filters: { [t("Names (CSV)")]: ["csv"] },
    })) ?? [];
  if (file) await namesFile.choose(file.fsPath);
}
