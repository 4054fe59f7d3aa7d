import * as vscode from "vscode";

/** Asks before something is lost for good, as the editor itself asks: one button that does it, and its own Cancel. */
export async function isSure(question: string, detail: string, doing: string): Promise<boolean> {
  const answer = await vscode.window.showWarningMessage(question, { modal: true, detail }, doing);
  return answer === doing;
}
