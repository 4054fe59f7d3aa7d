import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import { isSure } from "./sure.ts";

/**
 * Moves a folder to the system's trash. Where there is none, as on a remote machine, nothing happens yet: then the
 * question is asked whether it may go for good, and the caller deletes it.
 *
 * @returns whether the folder is in the trash, or may go for good
 */
export async function mayGo(folder: string, question: string): Promise<boolean> {
  try {
    await vscode.workspace.fs.delete(vscode.Uri.file(folder), { recursive: true, useTrash: true });
    return true;
  } catch {
    const detail = t("There is no trash here to move them to: they cannot be brought back.");
    return isSure(question, detail, t("Delete"));
  }
}
