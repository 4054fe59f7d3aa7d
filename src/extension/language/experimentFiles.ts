import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import type { Problem } from "../../protocol/engine.ts";
import { DisposableBase } from "../disposable.ts";
import type { EngineClient } from "../engine/engineClient.ts";
import type { ErrorReporter } from "../errorReporter.ts";
import type { Settings } from "../settings.ts";
import { fieldOf } from "./names.ts";
import type { NamesFile } from "./namesFile.ts";

const quietMs = 500;
/** Longer texts are left to the command that reads them. */
const longest = 2_000_000;

/** Tells in the editor what is wrong in the chosen names file and in concept files, and mends other spellings. */
export class ExperimentFiles extends DisposableBase implements vscode.CodeActionProvider {
  readonly #diagnostics = this.register(vscode.languages.createDiagnosticCollection("rome"));
  readonly #timers = new Map<string, NodeJS.Timeout>();
  /** What was last found, by document. */
  readonly #problems = new Map<string, readonly Problem[]>();

  constructor(
    private readonly engine: EngineClient,
    private readonly namesFile: NamesFile,
    private readonly settings: Settings,
    private readonly errors: ErrorReporter,
  ) {
    super();
    const all = () => {
      for (const document of vscode.workspace.textDocuments) this.#schedule(document);
    };
    this.register(vscode.workspace.onDidChangeTextDocument(({ document }) => this.#schedule(document)));
    this.register(vscode.workspace.onDidOpenTextDocument((document) => this.#schedule(document)));
    this.register(vscode.workspace.onDidCloseTextDocument((document) => this.#forget(document)));
    this.register(namesFile.onDidChange(all));
    this.register(settings.onDidChange((changed) => changed.has("rome.diagnostics.enabled") && all()));
    this.register({ dispose: () => this.#timers.forEach((timer) => void clearTimeout(timer)) });
    this.register(
      vscode.languages.registerCodeActionsProvider({ scheme: "file" }, this, {
        providedCodeActionKinds: [vscode.CodeActionKind.QuickFix],
      }),
    );
    all();
  }

  provideCodeActions(document: vscode.TextDocument, range: vscode.Range): vscode.CodeAction[] {
    const problems = this.#problems.get(document.uri.toString()) ?? [];
    const meant = problems.filter((problem) => problem.meant !== undefined);
    const [here] = meant.filter(({ line }) => line - 1 >= range.start.line && line - 1 <= range.end.line);
    if (!here?.meant) return [];
    const { from, to } = here.meant;
    const same = meant.filter((other) => other.meant?.from === from);
    const action = (title: string, mended: readonly Problem[], isPreferred: boolean) =>
      Object.assign(new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix), {
        edit: mend(document, mended),
        diagnostics: this.#diagnostics.get(document.uri)?.filter(({ range: at }) => at.intersection(range)) ?? [],
        isPreferred,
      });
    const actions = [action(t("Write “{0}” for “{1}”", to, from), [here], true)];
    if (same.length > 1)
      actions.push(action(t("Write “{0}” for each of the {1} “{2}”", to, same.length, from), same, false));
    if (meant.length > same.length)
      actions.push(action(t("Mend all {0} spellings of this file", meant.length), meant, false));
    return actions;
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
    else this.#forget(document);
  }

  #forget({ uri }: vscode.TextDocument): void {
    this.#diagnostics.delete(uri);
    this.#problems.delete(uri.toString());
    clearTimeout(this.#timers.get(uri.toString()));
  }

  /** The names file that the user has chosen, and JSON with a concept's fields. Other files are none of our business. */
  #kindOf(document: vscode.TextDocument): "names" | "experiment" | undefined {
    const { uri, fileName, lineCount } = document;
    if (uri.scheme !== "file" || !this.settings.get("rome.diagnostics.enabled")) return undefined;
    if (fileName === this.namesFile.ownPath) return "names";
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
    if (document.isClosed || document.version !== version || this.#kindOf(document) !== kind) return;
    this.#problems.set(uri.toString(), problems);
    this.#diagnostics.set(
      uri,
      problems.map(({ line, message }) => {
        const at = lineAt(document, line);
        const said = message.charAt(0).toUpperCase() + message.slice(1);
        const diagnostic = new vscode.Diagnostic(at.range, said, vscode.DiagnosticSeverity.Error);
        diagnostic.source = t("ROME");
        return diagnostic;
      }),
    );
  }
}

function lineAt(document: vscode.TextDocument, line: number): vscode.TextLine {
  return document.lineAt(Math.min(Math.max(0, line - 1), document.lineCount - 1));
}

/** Writes what each problem's field means in its place. */
function mend(document: vscode.TextDocument, problems: readonly Problem[]): vscode.WorkspaceEdit {
  const edit = new vscode.WorkspaceEdit();
  for (const { line, meant } of problems) {
    const { lineNumber, text } = lineAt(document, line);
    const field = meant && fieldOf(text, meant.from);
    if (field) edit.replace(document.uri, new vscode.Range(lineNumber, field[0], lineNumber, field[1]), meant.to);
  }
  return edit;
}
