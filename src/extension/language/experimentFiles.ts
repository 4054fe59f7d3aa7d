import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import { DisposableBase } from "../disposable.ts";
import type { EngineClient } from "../engine/engineClient.ts";
import type { ErrorReporter } from "../errorReporter.ts";
import type { NamesFile } from "./namesFile.ts";

const quietMs = 500;
/** Longer texts are left to the command that reads them. */
const longest = 2_000_000;

/** Tells in the editor what is wrong in names files and concept files, line by line. */
export class ExperimentFiles extends DisposableBase {
  readonly #diagnostics = this.register(vscode.languages.createDiagnosticCollection("rome"));
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(
    private readonly engine: EngineClient,
    private readonly namesFile: NamesFile,
    private readonly errors: ErrorReporter,
  ) {
    super();
    this.register(vscode.workspace.onDidChangeTextDocument(({ document }) => this.#schedule(document)));
    this.register(vscode.workspace.onDidOpenTextDocument((document) => this.#schedule(document)));
    this.register(
      vscode.workspace.onDidCloseTextDocument(({ uri }) => {
        this.#diagnostics.delete(uri);
        clearTimeout(this.#timers.get(uri.toString()));
      }),
    );
    this.register({ dispose: () => this.#timers.forEach((timer) => void clearTimeout(timer)) });
    for (const document of vscode.workspace.textDocuments) this.#schedule(document);
  }

  #schedule(document: vscode.TextDocument): void {
    const kind = this.#kindOf(document);
    const key = document.uri.toString();
    clearTimeout(this.#timers.get(key));
    if (kind)
      this.#timers.set(
        key,
        setTimeout(() => void this.#check(document, kind), quietMs),
      );
    else this.#diagnostics.delete(document.uri);
  }

  /** By what the file looks like: the names file in use, another with its header, JSON with an experiment's fields. */
  #kindOf(document: vscode.TextDocument): "names" | "experiment" | undefined {
    const { uri, fileName, lineCount } = document;
    if (uri.scheme !== "file") return undefined;
    if (fileName === this.namesFile.path) return "names";
    if (fileName.endsWith(".csv") && lineCount > 1 && /^\uFEFF?name,gender\b/.test(document.lineAt(0).text))
      return "names";
    if (!fileName.endsWith(".json") || lineCount > 1000) return undefined;
    const text = document.getText();
    return ["prompt", "targets", "vector"].every((field) => text.includes(`"${field}"`)) ? "experiment" : undefined;
  }

  async #check(document: vscode.TextDocument, kind: "names" | "experiment"): Promise<void> {
    const { uri, version } = document;
    const text = document.getText();
    if (text.length > longest) return;
    const problems = await this.engine.request("check", { kind, text }).catch((error: unknown) => {
      this.errors.record(error);
      return [];
    });
    if (document.isClosed || document.version !== version) return;
    this.#diagnostics.set(
      uri,
      problems.map(({ line, message }) => {
        const at = Math.min(Math.max(0, line - 1), document.lineCount - 1);
        const said = message.charAt(0).toUpperCase() + message.slice(1);
        const diagnostic = new vscode.Diagnostic(document.lineAt(at).range, said, vscode.DiagnosticSeverity.Error);
        diagnostic.source = t("ROME");
        return diagnostic;
      }),
    );
  }
}
