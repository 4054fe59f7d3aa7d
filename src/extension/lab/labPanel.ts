import { basename } from "node:path";
import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import { type LabIntent, type LabMessage, type LabTab, labIntent } from "../../protocol/lab.ts";
import type { LabRequest } from "../../protocol/labFlip.ts";
import { labPanelType } from "../contributions.ts";
import { DisposableBase } from "../disposable.ts";
import type { Reports } from "../experiment/reports.ts";
import { throttle } from "../ui/throttle.ts";
import { pageHtml, panelIcon, receive, webviewOptions } from "../ui/webviewPage.ts";
import type { Lab } from "./lab.ts";
import { LabFeed } from "./labFeed.ts";

const snapshotIntervalMs = 50;

/** What the panel is to show as soon as it can. */
export interface LabTarget {
  /** Left out: Flip, or, where the lab is open and no name is given, the tab that it shows. */
  tab?: LabTab;
  name?: string;
  request?: LabRequest;
}

/** The lab's webview panel: one at most, opened beside the code, restored after a reload. */
export class LabPanel extends DisposableBase implements vscode.WebviewPanelSerializer {
  readonly #received = this.register(new vscode.EventEmitter<LabIntent>());
  /** The page asks for something. */
  readonly onDidReceive = this.#received.event;
  #panel: vscode.WebviewPanel | undefined;
  #ready = false;
  #waiting: LabMessage[] = [];
  readonly #feed: LabFeed;
  readonly #snapshot = this.register(throttle(() => this.#feed.update(), snapshotIntervalMs));

  constructor(
    private readonly extensionUri: vscode.Uri,
    lab: Lab,
    private readonly reports: Reports,
    /** Before it resolves there is nothing to show. */
    private readonly restored: Promise<void>,
    private readonly log: vscode.LogOutputChannel,
  ) {
    super();
    this.#feed = new LabFeed(lab, reports, (message) => this.#post(message));
    this.register(lab.onDidChange(() => this.refresh()));
    this.register(reports.onDidChange(() => this.refresh()));
    this.register(vscode.window.registerWebviewPanelSerializer(labPanelType, this));
    this.register({ dispose: () => this.#panel?.dispose() });
  }

  get visible(): boolean {
    return this.#panel?.visible ?? false;
  }

  /** The state changed; a snapshot follows. */
  refresh(): void {
    if (this.#ready) this.#snapshot.request();
  }

  /** Opens the panel beside the active editor, or brings it to the front. */
  open({ tab, name, request }: LabTarget): void {
    if (this.#panel) {
      this.#panel.reveal(undefined, false);
      if (tab === undefined && name === undefined) return;
    } else {
      const column = vscode.window.activeTextEditor ? vscode.ViewColumn.Beside : vscode.ViewColumn.Active;
      this.#attach(vscode.window.createWebviewPanel(labPanelType, t("ROME Lab"), column));
    }
    this.#send({ type: "show", tab: tab ?? "flip", name });
    if (request) this.#send({ type: "fill", request });
  }

  /** Selects names in every chart, without opening the panel. */
  select(names: string[]): void {
    this.#post({ type: "select", names });
  }

  /** The user chose a data set or a file with a vector for the Prompt tab. */
  addVector(path: string): void {
    this.#post({ type: "vector", from: path, label: basename(path) });
  }

  async deserializeWebviewPanel(panel: vscode.WebviewPanel): Promise<void> {
    this.#attach(panel);
  }

  #attach(panel: vscode.WebviewPanel): void {
    this.#panel = panel;
    this.#ready = false;
    panel.webview.options = webviewOptions(this.extensionUri);
    panel.iconPath = panelIcon(this.extensionUri);
    const subscription = receive(panel.webview, labIntent, (intent) => this.#receive(intent), this.log);
    panel.onDidDispose(() => {
      subscription.dispose();
      if (this.#panel !== panel) return;
      this.#panel = undefined;
      this.#ready = false;
    });
    // A hidden panel's page is torn down and built again when it is shown; it says "ready" each time.
    panel.onDidChangeViewState(() => {
      if (!panel.visible) this.#ready = false;
    });
    panel.webview.html = pageHtml(panel.webview, this.extensionUri, "lab", panel.title);
  }

  #receive(intent: LabIntent): void {
    if (intent.type !== "ready") {
      this.#received.fire(intent);
      return;
    }
    void Promise.all([this.restored, this.reports.loadPretrained()]).then(() => {
      this.#ready = true;
      this.#feed.begin();
      for (const message of this.#waiting.splice(0)) this.#post(message);
    });
  }

  /** Posts now, or as soon as the page is ready. */
  #send(message: LabMessage): void {
    if (this.#ready) this.#post(message);
    else this.#waiting.push(message);
  }

  #post(message: LabMessage): void {
    if (this.#ready) void this.#panel?.webview.postMessage(message);
  }
}
