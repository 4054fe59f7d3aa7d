import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import { signed } from "../../text/numbers.ts";
import { DisposableBase } from "../disposable.ts";
import type { Reports } from "../experiment/reports.ts";
import type { Settings } from "../settings.ts";
import type { KnownNames } from "./knownNames.ts";
import { findNames } from "./scan.ts";

/** The classifier score after each recorded name, where the user has switched that on. */
export class ScoreHints extends DisposableBase implements vscode.InlayHintsProvider {
  readonly #changed = this.register(new vscode.EventEmitter<void>());
  readonly onDidChangeInlayHints = this.#changed.event;

  constructor(
    private readonly names: KnownNames,
    private readonly settings: Settings,
    reports: Reports,
  ) {
    super();
    this.register(reports.onDidChange(() => this.#changed.fire()));
    this.register(
      settings.onDidChange((changed) => {
        if (changed.has("rome.inlayHints.enabled") || changed.has("rome.languages")) this.#changed.fire();
      }),
    );
  }

  provideInlayHints(document: vscode.TextDocument, range: vscode.Range): vscode.InlayHint[] {
    const { settings } = this;
    if (!settings.get("rome.inlayHints.enabled") || !settings.coversLanguage(document.languageId)) return [];
    return [...findNames(document, range, this.names)].flatMap(({ end, known }) => {
      if (!known.point) return [];
      const hint = new vscode.InlayHint(document.positionAt(end), signed(known.point.score, 2));
      hint.paddingLeft = true;
      hint.tooltip = t("Classifier score of its Δv");
      return [hint];
    });
  }
}
