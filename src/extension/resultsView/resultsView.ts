import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import { type ResultsIntent, type ResultsMessage, resultsIntent } from "../../protocol/resultsView.ts";
import type { Status } from "../../protocol/viewStatus.ts";
import { View } from "../contributions.ts";
import { DisposableBase } from "../disposable.ts";
import { toView } from "../results/cards.ts";
import { type EditStore, standingIn } from "../results/editStore.ts";
import type { ResultStore } from "../results/resultStore.ts";
import { throttle } from "../ui/throttle.ts";
import { pageHtml, receive, webviewOptions } from "../ui/webviewPage.ts";

const snapshotIntervalMs = 50;

/** The Results view of the sidebar: sends snapshots, hands on intents. */
export class ResultsView extends DisposableBase implements vscode.WebviewViewProvider {
  readonly #received = this.register(new vscode.EventEmitter<ResultsIntent>());
  /** The view asks for something. */
  readonly onDidReceive = this.#received.event;
  #view: vscode.WebviewView | undefined;
  #ready = false;
  #reveal: string | undefined;
  readonly #snapshot = this.register(throttle(() => this.#send(), snapshotIntervalMs));

  constructor(
    private readonly extensionUri: vscode.Uri,
    private readonly results: ResultStore,
    private readonly edits: EditStore,
    private readonly status: () => Status,
    /** Before it resolves there is nothing to show. */
    private readonly restored: Promise<void>,
    private readonly log: vscode.LogOutputChannel,
  ) {
    super();
    this.register(edits.onDidChange(() => this.refresh()));
    this.register(vscode.window.registerWebviewViewProvider(View.results, this));
  }

  get visible(): boolean {
    return this.#view?.visible ?? false;
  }

  /** The state changed; a snapshot follows. */
  refresh(): void {
    this.#snapshot.request();
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    this.#view = view;
    this.#ready = false;
    view.webview.options = webviewOptions(this.extensionUri);
    const subscription = receive(view.webview, resultsIntent, (intent) => this.#receive(intent), this.log);
    view.onDidDispose(() => {
      subscription.dispose();
      this.#view = undefined;
    });
    // A hidden view is torn down and built again when it is shown; it says "ready" each time.
    view.onDidChangeVisibility(() => {
      if (!view.visible) this.#ready = false;
    });
    view.webview.html = pageHtml(view.webview, this.extensionUri, "results", view.title ?? t("Results"));
  }

  /** Shows a card, opening the sidebar if it is closed, and leaves the focus in the editor. */
  async reveal(id: string): Promise<void> {
    this.#reveal = id;
    if (this.#view) this.#view.show(true);
    else {
      const editor = vscode.window.activeTextEditor;
      await vscode.commands.executeCommand(`${View.results}.focus`);
      if (editor) await vscode.commands.executeCommand("workbench.action.focusActiveEditorGroup");
    }
    if (this.#ready) this.refresh();
  }

  #receive(intent: ResultsIntent): void {
    if (intent.type === "ready") {
      void this.restored.then(() => {
        this.#ready = true;
        this.#send();
      });
    } else this.#received.fire(intent);
  }

  #send(): void {
    if (!this.#view || !this.#ready) return;
    const { cards } = this.results;
    const { all } = this.edits;
    this.#post({
      type: "state",
      status: this.status(),
      cards: cards.map((card) => toView(card, (one) => standingIn(all, one))),
    });
    if (this.#reveal === undefined) return;
    this.#post({ type: "reveal", id: this.#reveal });
    this.#reveal = undefined;
  }

  #post(message: ResultsMessage): void {
    void this.#view?.webview.postMessage(message);
  }
}
