/** What the extension's code takes of the editor, as far as tests need it: `vi.mock("vscode", () => import("…/support/vscode.ts"))`. */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { vi } from "vitest";
import { Emitter } from "vscode-jsonrpc";

export { Emitter as EventEmitter } from "vscode-jsonrpc";

export class Position {
  constructor(
    readonly line: number,
    readonly character: number,
  ) {}
}

export class Range {
  readonly start: Position;
  readonly end: Position;
  constructor(line: number, character: number, endLine: number, endCharacter: number) {
    this.start = new Position(line, character);
    this.end = new Position(endLine, endCharacter);
  }
}

export class Uri {
  private constructor(
    readonly scheme: string,
    readonly path: string,
  ) {}
  static file = (path: string) => new Uri("file", path);
  static from = ({ scheme, path }: { scheme: string; path: string }) => new Uri(scheme, path);
  static joinPath = ({ scheme, path }: Uri, ...parts: string[]) => new Uri(scheme, join(path, ...parts));
  get fsPath() {
    return this.path;
  }
  toString() {
    return `${this.scheme}:${this.path}`;
  }
}

export class Diagnostic {
  source: string | undefined;
  constructor(
    readonly range: Range,
    readonly message: string,
    readonly severity: number,
  ) {}
}
export const DiagnosticSeverity = { Error: 0 };
export const CodeActionKind = { QuickFix: "quickfix" };
export const ProgressLocation = { Notification: 15 };
export const ViewColumn = { Active: -1 };
export const StatusBarAlignment = { Right: 2 };

export class ThemeColor {
  constructor(readonly id: string) {}
}

export class MarkdownString {
  value = "";
  isTrusted: unknown;
  appendText = (text: string) => this.#append(text);
  appendMarkdown = (text: string) => this.#append(text);
  #append(text: string): this {
    this.value += text;
    return this;
  }
}

export class ThemeIcon {
  constructor(readonly id: string) {}
}

export const TreeItemCheckboxState = { Unchecked: 0, Checked: 1 };

export class TreeItem {
  constructor(readonly label: string) {}
}

const nothing = { dispose() {} };

/** Fires as the editor does when a document is closed. */
export const closed = new Emitter<{ uri: Uri }>();
export const opened = new Emitter<unknown>();

export const env = { language: "en" };

export const workspace = {
  textDocuments: [] as unknown[],
  workspaceFolders: undefined,
  onDidChangeTextDocument: () => nothing,
  onDidOpenTextDocument: opened.event,
  onDidCloseTextDocument: closed.event,
  registerTextDocumentContentProvider: vi.fn((_scheme: string, _provider: unknown) => nothing),
  fs: {
    stat: async ({ path }: Uri) => {
      if (!existsSync(path)) throw new Error(`${path} is not there`);
    },
    delete: vi.fn(async (_uri: Uri, _options: { recursive?: boolean; useTrash?: boolean }) => {}),
    writeFile: async ({ path }: Uri, bytes: Uint8Array) => writeFileSync(path, bytes),
  },
};

/** Diagnostics that are told, by the text of their document's address. */
export const diagnostics = new Map<string, readonly Diagnostic[]>();

export const languages = {
  registerCodeActionsProvider: () => nothing,
  createDiagnosticCollection: () => ({
    set: (uri: Uri, told: readonly Diagnostic[]) => diagnostics.set(String(uri), told),
    get: (uri: Uri) => diagnostics.get(String(uri)),
    delete: (uri: Uri) => diagnostics.delete(String(uri)),
    ...nothing,
  }),
};

export const window = {
  activeTextEditor: undefined as unknown,
  /** Answers with a button, or undefined where it is dismissed. */
  showInformationMessage: vi.fn(async (_text: string, ..._more: unknown[]): Promise<string | undefined> => undefined),
  showWarningMessage: vi.fn(async (_text: string, ..._more: unknown[]): Promise<string | undefined> => undefined),
  showInputBox: vi.fn(async (_: unknown): Promise<string | undefined> => undefined),
  showQuickPick: vi.fn(async (_items: readonly unknown[], _options: unknown): Promise<unknown> => undefined),
  showOpenDialog: vi.fn(async (): Promise<Uri[] | undefined> => undefined),
  showSaveDialog: vi.fn(async (): Promise<Uri | undefined> => undefined),
  showTextDocument: vi.fn(async (_: unknown) => {}),
  withProgress: vi.fn(),
  createQuickPick: vi.fn(),
  createWebviewPanel: vi.fn((..._: unknown[]) => ({ webview: { html: "" } })),
  createStatusBarItem: vi.fn(),
  createTreeView: () => ({ onDidChangeCheckboxState: () => nothing, onDidChangeSelection: () => nothing, ...nothing }),
};

export const lm = {
  registerTool: vi.fn((_name: string, _tool: unknown) => nothing),
  registerMcpServerDefinitionProvider: () => nothing,
};

export const commands = { executeCommand: vi.fn(async () => {}) };
