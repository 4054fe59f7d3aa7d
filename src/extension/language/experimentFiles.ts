import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import type { Problem } from "../../protocol/engine.ts";
import { type Concepts, conceptSuffix } from "../concepts/concepts.ts";
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
  /** The chosen concept's file, where it is told of without being open. */
  #closed: string | undefined;

  constructor(
    private readonly engine: Pick<EngineClient, "request">,
    private readonly concepts: Pick<Concepts, "unusable" | "onDidChange">,
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
    this.register(
      vscode.workspace.onDidCloseTextDocument((document) => {
        this.#forget(document);
        void this.#checkClosed();
      }),
    );
    this.register(namesFile.onDidChange(all));
    this.register(concepts.onDidChange(() => void this.#checkClosed()));
    this.register(
      settings.onDidChange((changed) => {
        if (!changed.has("rome.diagnostics.enabled")) return;
        all();
        void this.#checkClosed();
      }),
    );
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

  /** The names file that the user has chosen, concept files, and JSON with their fields. Other files are none of our business. */
  #kindOf(document: vscode.TextDocument): "names" | "experiment" | undefined {
    const { uri, fileName, lineCount } = document;
    if (uri.scheme !== "file" || !this.settings.get("rome.diagnostics.enabled")) return undefined;
    if (fileName === this.namesFile.ownPath) return "names";
    if (fileName.endsWith(conceptSuffix)) return "experiment";
    if (!fileName.endsWith(".json") || lineCount > 1000) return undefined;
    const text = document.getText();
    return ["prompt", "targets", "vector"].every((field) => text.includes(`"${field}"`)) ? "experiment" : undefined;
  }

  async #check(document: vscode.TextDocument, kind: "names" | "experiment"): Promise<void> {
    const { uri, version } = document;
    const text = document.getText();
    if (text.length > longest) return;
    const problems = await this.#ask(kind, text);
    if (document.isClosed || document.version !== version || this.#kindOf(document) !== kind) return;
    this.#problems.set(uri.toString(), problems);
    this.#tell(uri, problems, (line) => lineAt(document, line).range);
  }

  /** A chosen concept whose file cannot be used any more is told of though no editor shows it. */
  async #checkClosed(): Promise<void> {
    const isOpen = (file: string) => vscode.workspace.textDocuments.some(({ fileName }) => fileName === file);
    const { unusable } = this.concepts;
    const wanted = this.settings.get("rome.diagnostics.enabled") && unusable?.text !== undefined ? unusable : undefined;
    const told = this.#closed;
    this.#closed = wanted?.file;
    if (told !== undefined && told !== wanted?.file && !isOpen(told)) this.#diagnostics.delete(vscode.Uri.file(told));
    if (!wanted || isOpen(wanted.file)) return;
    const { file, text = "" } = wanted;
    const problems = await this.#ask("experiment", text);
    if (this.concepts.unusable?.text !== text || isOpen(file)) return;
    this.#tell(vscode.Uri.file(file), problems, (line) => new vscode.Range(line - 1, 0, line - 1, longest));
  }

  async #ask(kind: "names" | "experiment", text: string): Promise<readonly Problem[]> {
    return this.engine.request("check", { kind, text }).catch((error: unknown) => {
      this.errors.record(error);
      return [];
    });
  }

  #tell(uri: vscode.Uri, problems: readonly Problem[], rangeOf: (line: number) => vscode.Range): void {
    this.#diagnostics.set(
      uri,
      problems.map(({ line, message }) => {
        const said = message.charAt(0).toUpperCase() + message.slice(1);
        const diagnostic = new vscode.Diagnostic(rangeOf(line), said, vscode.DiagnosticSeverity.Error);
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
