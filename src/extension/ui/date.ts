import * as vscode from "vscode";

/** Date and time of something, in the editor's language. */
export function dateOf({ date }: { readonly date: number }): string {
  return new Date(date).toLocaleString(vscode.env.language);
}
