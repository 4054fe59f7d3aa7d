import { readFile } from "node:fs/promises";
import * as vscode from "vscode";

/** Documents of this scheme show the shipped names; they can be read and copied, never written. */
export const shippedNamesScheme = "rome-names";

const uri = vscode.Uri.from({ scheme: shippedNamesScheme, path: "/names.csv" });

/** Where the names file in use is opened from: the user's own as it is, the shipped one as a read-only copy. */
export function namesUri({ ownPath }: { readonly ownPath: string | undefined }): vscode.Uri {
  return ownPath === undefined ? uri : vscode.Uri.file(ownPath);
}

/** @param file the shipped names file */
export function provideShippedNames(file: string): vscode.Disposable {
  const provider = { provideTextDocumentContent: () => readFile(file, "utf8") };
  return vscode.workspace.registerTextDocumentContentProvider(shippedNamesScheme, provider);
}
