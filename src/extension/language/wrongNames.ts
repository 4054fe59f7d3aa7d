import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import { DisposableBase } from "../disposable.ts";
import type { Reports } from "../experiment/reports.ts";
import type { Settings } from "../settings.ts";
import type { KnownNames } from "./knownNames.ts";
import { findNames } from "./scan.ts";

const delayMs = 200;

/** Underlines the names for which the model gives another answer than the names file. */
export class WrongNames extends DisposableBase {
  readonly #decoration = this.register(
    vscode.window.createTextEditorDecorationType({
      borderColor: new vscode.ThemeColor("editorWarning.foreground"),
      borderStyle: "dotted",
      borderWidth: "0 0 1px 0",
      overviewRulerColor: new vscode.ThemeColor("editorWarning.foreground"),
      overviewRulerLane: vscode.OverviewRulerLane.Right,
    }),
  );
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly names: KnownNames,
    private readonly settings: Settings,
    reports: Reports,
  ) {
    super();
    const later = () => this.#schedule();
    this.register(vscode.window.onDidChangeVisibleTextEditors(later));
    this.register(vscode.window.onDidChangeTextEditorVisibleRanges(later));
    this.register(vscode.workspace.onDidChangeTextDocument(later));
    this.register(settings.onDidChange(later));
    this.register(reports.onDidChange(later));
    this.register({ dispose: () => clearTimeout(this.#timer) });
    later();
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      for (const editor of vscode.window.visibleTextEditors) this.#decorate(editor);
    }, delayMs);
  }

  #decorate(editor: vscode.TextEditor): void {
    const { document, visibleRanges } = editor;
    const { settings, names } = this;
    const wanted = settings.get("rome.decorations.enabled") && settings.coversLanguage(document.languageId);
    const found = wanted ? visibleRanges.flatMap((range) => [...findNames(document, range, names)]) : [];
    const options = found.flatMap(({ start, end, known: { name, expected, says } }) => {
      if (!expected || !says) return [];
      const range = new vscode.Range(document.positionAt(start), document.positionAt(end));
      const hoverMessage = settings.get("rome.hover.enabled")
        ? undefined
        : t("The model says {0} for {1}; the names file says {2}.", says.label, name, expected);
      return [{ range, hoverMessage }];
    });
    editor.setDecorations(this.#decoration, options);
  }
}
