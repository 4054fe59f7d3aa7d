import { randomBytes } from "node:crypto";
import * as v from "valibot";
import * as vscode from "vscode";

/** What a page is built from: dist/NAME.js and dist/NAME.css. */
export type PageName = "results" | "lab" | "editFile" | "comparison";

/** Lets a webview run scripts and load files of dist/ and nothing else. */
export function webviewOptions(extensionUri: vscode.Uri): vscode.WebviewOptions {
  return { enableScripts: true, localResourceRoots: [vscode.Uri.joinPath(extensionUri, "dist")] };
}

/** The project's sign, for the tab of a panel. */
export function panelIcon(extensionUri: vscode.Uri): { light: vscode.Uri; dark: vscode.Uri } {
  const icon = (theme: string) => vscode.Uri.joinPath(extensionUri, "media", `icon-${theme}.svg`);
  return { light: icon("light"), dark: icon("dark") };
}

/** The page of a view: everything is forbidden but our one script, our one style sheet, fonts and images of dist/. */
export function pageHtml(webview: vscode.Webview, extensionUri: vscode.Uri, name: PageName, title: string): string {
  const file = (suffix: string) => webview.asWebviewUri(vscode.Uri.joinPath(extensionUri, "dist", `${name}.${suffix}`));
  const nonce = randomBytes(16).toString("base64");
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${webview.cspSource} 'nonce-${nonce}'`,
    `font-src ${webview.cspSource}`,
    `img-src ${webview.cspSource} data:`,
  ].join("; ");
  return `<!DOCTYPE html>
<html lang="${escapeAttribute(vscode.env.language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="l10n" content="${escapeAttribute(JSON.stringify(vscode.l10n.bundle ?? {}))}">
<title>${escapeAttribute(title)}</title>
<link rel="stylesheet" href="${file("css")}">
</head>
<body>
<main id="app"></main>
<script nonce="${nonce}" src="${file("js")}"></script>
</body>
</html>`;
}

/** Hands on the messages of a view that its schema accepts; others are logged and dropped. */
export function receive<S extends v.GenericSchema>(
  webview: vscode.Webview,
  schema: S,
  handle: (message: v.InferOutput<S>) => void,
  log: vscode.LogOutputChannel,
): vscode.Disposable {
  return webview.onDidReceiveMessage((raw: unknown) => {
    const message = v.safeParse(schema, raw);
    if (message.success) handle(message.output);
    else log.warn(`Dropped a message of a view: ${v.summarize(message.issues)}`);
  });
}

function escapeAttribute(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
