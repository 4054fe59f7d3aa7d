import { t } from "@vscode/l10n";
import * as vscode from "vscode";

/** Asks before something is lost for good. The editor focuses the first button of a question: the one that keeps. */
export async function isSure(question: string, detail: string, doing: string): Promise<boolean> {
  const answer = await vscode.window.showWarningMessage(question, { modal: true, detail }, t("Keep"), doing);
  return answer === doing;
}
