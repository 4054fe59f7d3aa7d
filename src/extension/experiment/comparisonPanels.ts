import { t } from "@vscode/l10n";
import * as v from "valibot";
import * as vscode from "vscode";
import { type ComparedExperiments, comparisonIntent, comparisonLayout } from "../../protocol/comparison.ts";
import { comparisonPanelType } from "../contributions.ts";
import { DisposableBase } from "../disposable.ts";
import type { ErrorReporter } from "../errorReporter.ts";
import { saveExport } from "../ui/exports.ts";
import { pageHtml, panelIcon, receive, webviewOptions } from "../ui/webviewPage.ts";
import { pastExperiment } from "./history.ts";

/** Panels that set two experiments side by side, one for each pair that was chosen; read again after a reload. */
export class ComparisonPanels extends DisposableBase implements vscode.WebviewPanelSerializer {
  constructor(
    private readonly extensionUri: vscode.Uri,
    private readonly errors: ErrorReporter,
    private readonly log: vscode.LogOutputChannel,
  ) {
    super();
    this.register(vscode.window.registerWebviewPanelSerializer(comparisonPanelType, this));
  }

  open(experiments: ComparedExperiments): void {
    const panel = vscode.window.createWebviewPanel(
      comparisonPanelType,
      t("Experiments compared"),
      vscode.ViewColumn.Active,
    );
    this.#attach(panel, experiments);
  }

  async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const saved = v.safeParse(comparisonLayout, state);
    const folders = saved.success ? (saved.output.folders ?? []) : [];
    const [first, second] = await Promise.all(folders.map(pastExperiment));
    // One of them was deleted since.
    if (first && second) this.#attach(panel, [first, second]);
    else panel.dispose();
  }

  #attach(panel: vscode.WebviewPanel, experiments: ComparedExperiments): void {
    const { webview } = panel;
    panel.iconPath = panelIcon(this.extensionUri);
    webview.options = webviewOptions(this.extensionUri);
    // A file that was installed is as old as the installation.
    const { fsPath } = this.extensionUri;
    const told = experiments.map((one) => ({ ...one, date: one.folder.startsWith(fsPath) ? null : one.date }));
    const subscription = receive(
      webview,
      comparisonIntent,
      (intent) => {
        if (intent.type === "ready") void webview.postMessage({ type: "experiments", experiments: told });
        else void this.errors.guard(() => saveExport(intent));
      },
      this.log,
    );
    panel.onDidDispose(() => subscription.dispose());
    webview.html = pageHtml(webview, this.extensionUri, "comparison", panel.title);
  }
}
