import { t } from "@vscode/l10n";
import * as vscode from "vscode";

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
