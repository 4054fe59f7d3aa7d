import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import * as vscode from "vscode";

/** Documents of this scheme show the shipped names; they can be read and copied, never written. */
export const shippedNamesScheme = "rome-names";

/** Where the names file in use is opened from: the user's own as it is, one that came with a concept as a read-only copy. */
export function namesUri({
  ownPath,
  path,
}: {
  readonly ownPath: string | undefined;
  readonly path: string;
}): vscode.Uri {
  if (ownPath !== undefined) return vscode.Uri.file(ownPath);
  return vscode.Uri.from({ scheme: shippedNamesScheme, path: `/${basename(path)}` });
}

export function provideShippedNames(namesFile: { readonly path: string }): vscode.Disposable {
  const provider = { provideTextDocumentContent: () => readFile(namesFile.path, "utf8") };
  return vscode.workspace.registerTextDocumentContentProvider(shippedNamesScheme, provider);
}
