/** Serves a built view as the editor does, in a browser without the editor: its CSP, its styles, its theme, its API. */
import { existsSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { delimiter, join } from "node:path";
import themes from "./themes.json";

/** The four theme kinds; the variables were read from a workbench (1.139) with its default themes. */
export const themeKinds = {
  dark: { css: "vscode-dark", variables: themes.dark },
  light: { css: "vscode-light", variables: themes.light },
  highContrast: { css: "vscode-high-contrast", variables: themes.highContrast },
  highContrastLight: { css: "vscode-high-contrast-light", variables: themes.highContrastLight },
} satisfies Record<string, { css: string; variables: Record<string, string> }>;
export type ThemeKind = keyof typeof themeKinds;

const fonts: Record<string, string> = {
  "--vscode-font-family": "system-ui, Ubuntu, 'Droid Sans', sans-serif",
  "--vscode-font-size": "13px",
  "--vscode-font-weight": "normal",
  "--vscode-editor-font-family": "'Droid Sans Mono', monospace",
  "--vscode-editor-font-size": "14px",
};

/** Variables of a theme as an inline style. */
function styleOf(kind: ThemeKind): string {
  return Object.entries({ ...themeKinds[kind].variables, ...fonts })
    .map(([name, value]) => `${name}:${value}`)
    .join(";");
}

/** As the editor puts them into an attribute; English needs none. */
function translations(language: string): string {
  const file = `l10n/bundle.l10n.${language}.json`;
  return existsSync(file) ? readFileSync(file, "utf8").replaceAll("&", "&amp;").replaceAll('"', "&quot;") : "{}";
}

export const views = ["results", "lab", "editFile", "comparison"] as const;
export type ViewName = (typeof views)[number];

function html(view: ViewName, kind: ThemeKind, language: string): string {
  const { css } = themeKinds[kind];
  const classes = css === "vscode-high-contrast-light" ? `${css} vscode-high-contrast` : css;
  const background = view === "results" ? "sideBar" : "editor";
  const nonce = "bm9uY2U";
  return `<!doctype html><html lang="${language}"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'self' 'nonce-${nonce}'; script-src 'nonce-${nonce}'">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="l10n" content="${translations(language)}"><title>${view}</title>
<style nonce="${nonce}">@layer vscode-default { body { margin: 0; padding: 0 20px; color: var(--vscode-editor-foreground); font-family: var(--vscode-font-family); font-size: var(--vscode-font-size); }
a { color: var(--vscode-textLink-foreground); } code { color: var(--vscode-textPreformat-foreground); background-color: var(--vscode-textPreformat-background); padding: 1px 3px; border-radius: 4px; } }
html { background: var(--vscode-${background}-background); }</style>
<script nonce="${nonce}">
document.documentElement.style.cssText = ${JSON.stringify(styleOf(kind))};
window.intents = [];
window.acquireVsCodeApi = () => ({
  postMessage: (message) => window.intents.push(structuredClone(message)),
  getState: () => JSON.parse(sessionStorage.getItem("state") ?? "null") ?? undefined,
  setState: (state) => sessionStorage.setItem("state", JSON.stringify(state)),
});
</script>
<link rel="stylesheet" href="/${view}.css"></head>
<body class="${classes}" data-vscode-theme-kind="${css}"><main id="app"></main><script nonce="${nonce}" src="/${view}.js"></script></body></html>`;
}

/** Serves dist/ and the pages (`/results?dark`, `/lab?light&de`, …; English by default) on a free local port. */
export async function servePages(dist: string): Promise<{ url: string; close: () => void }> {
  const server: Server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://localhost");
    const name = url.pathname.slice(1);
    const view = views.find((known) => known === name);
    if (view) {
      const [kind = "", language = "en"] = url.search.slice(1).split("&");
      response.setHeader("content-type", "text/html; charset=utf-8");
      return response.end(html(view, kind in themeKinds ? (kind as ThemeKind) : "dark", language));
    }
    const file = join(dist, name);
    if (!/^(results|lab|editFile|comparison)\.(js|css)$/.test(name) || !existsSync(file))
      return response.writeHead(404).end();
    response.setHeader("content-type", name.endsWith(".css") ? "text/css" : "text/javascript");
    return response.end(readFileSync(file));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() };
}

/** A headless Chromium on this machine: ROME_BROWSER, else the first known name on PATH; undefined without one. */
function findBrowser(): string | undefined {
  const named = process.env.ROME_BROWSER;
  if (named) return named;
  const names = ["chromium-headless-shell", "chromium", "google-chrome"];
  return (process.env.PATH ?? "")
    .split(delimiter)
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .find(existsSync);
}

/** What we use of playwright-core. It lives in the package of the end-to-end tests, not in the project's. */
export interface BrowserPage {
  goto(url: string): Promise<unknown>;
  reload(): Promise<unknown>;
  /** A JavaScript expression, evaluated in the page. */
  evaluate<R>(expression: string): Promise<R>;
  screenshot(options: { path: string; fullPage?: boolean }): Promise<unknown>;
  waitForTimeout(milliseconds: number): Promise<void>;
  hover(selector: string): Promise<void>;
  click(selector: string, options?: { modifiers: "Control"[] }): Promise<void>;
  fill(selector: string, text: string): Promise<void>;
  focus(selector: string): Promise<void>;
  textContent(selector: string): Promise<string | null>;
  mouse: {
    down(): Promise<void>;
    up(): Promise<void>;
    move(x: number, y: number): Promise<void>;
    click(x: number, y: number): Promise<void>;
  };
  keyboard: { press(key: string): Promise<void> };
  on(event: "console", listener: (message: { type(): string; text(): string }) => void): void;
  on(event: "pageerror", listener: (error: Error) => void): void;
  close(): Promise<void>;
}
export interface Browser {
  newPage(options: { viewport: { width: number; height: number }; deviceScaleFactor?: number }): Promise<BrowserPage>;
  close(): Promise<void>;
}

/** Starts the browser, or says why not. */
export async function launch(root: string): Promise<Browser | string> {
  const executablePath = findBrowser();
  if (!executablePath) return "no headless Chromium found (test/e2e/install.mjs installs one)";
  try {
    const { chromium } = createRequire(join(root, "test/e2e/package.json"))("playwright-core");
    return await chromium.launch({
      executablePath,
      args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
    });
  } catch (error) {
    return error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
  }
}

/** Hands the page a message as the editor does. */
export async function send(page: BrowserPage, message: unknown): Promise<void> {
  await page.evaluate(`window.postMessage(${JSON.stringify(message)})`);
  // The message event comes before the next timer; charts are drawn with it.
  await page.evaluate("new Promise((done) => setTimeout(done, 20))");
}

/** Waits until an expression is true in the page. (The page's policy forbids the browser driver's own way.) */
export async function until(page: BrowserPage, expression: string): Promise<void> {
  for (let i = 0; i < 100; i++) {
    if (await page.evaluate<boolean>(expression)) return;
    await page.waitForTimeout(50);
  }
  throw new Error(`Never became true: ${expression}`);
}

/** Calls `report` with each error and warning of the page, CSP violations among them. */
export function watch(page: BrowserPage, report: (text: string) => void): void {
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") report(message.text());
  });
  page.on("pageerror", (error) => report(error.message));
}
