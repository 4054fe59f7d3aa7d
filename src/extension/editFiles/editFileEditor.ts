import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import { type EditFileIntent, editFileIntent } from "../../protocol/editFileView.ts";
import { Command, editFileViewType } from "../contributions.ts";
import { DisposableBase } from "../disposable.ts";
import type { ErrorReporter } from "../errorReporter.ts";
import { throttle } from "../ui/throttle.ts";
import { pageHtml, receive, webviewOptions } from "../ui/webviewPage.ts";
import { EditFileModel, type EditFileServices } from "./editFileModel.ts";

const snapshotIntervalMs = 50;
/** A file that is being written changes several times. */
const settledMs = 300;

/** A file that is open in the editor, read again when it changes. */
class EditFileDocument extends DisposableBase implements vscode.CustomDocument {
  readonly model: EditFileModel;

  constructor(
    readonly uri: vscode.Uri,
    services: EditFileServices,
    closed: (document: EditFileDocument) => void,
  ) {
    super();
    this.register({ dispose: () => closed(this) });
    this.model = this.register(new EditFileModel(uri.fsPath, services));
    const folder = vscode.Uri.joinPath(uri, "..");
    const name = uri.path.split("/").at(-1) ?? "";
    // In a pattern, brackets and stars of a name stand for themselves only when they are bracketed.
    const pattern = new vscode.RelativePattern(folder, name.replace(/[*?[\]{}]/g, "[$&]"));
    const watcher = this.register(vscode.workspace.createFileSystemWatcher(pattern));
    const again = this.register(throttle(() => void this.model.read(), settledMs));
    for (const event of [watcher.onDidChange, watcher.onDidCreate, watcher.onDidDelete])
      this.register(event(() => again.request()));
  }
}

/** Shows `.romedit` files, read-only, with a switch for each edit. */
export class EditFileEditor extends DisposableBase implements vscode.CustomReadonlyEditorProvider<EditFileDocument> {
  readonly #open = new Set<EditFileDocument>();

  constructor(
    private readonly extensionUri: vscode.Uri,
    private readonly services: EditFileServices,
    private readonly errors: ErrorReporter,
    private readonly log: vscode.LogOutputChannel,
  ) {
    super();
    this.register(
      vscode.window.registerCustomEditorProvider(editFileViewType, this, { supportsMultipleEditorsPerDocument: true }),
    );
  }

  /** Another model is open: whether the files fit is to be asked again. */
  refresh(): void {
    for (const { model } of this.#open) void model.read();
  }

  /** Files whose edits are live and that have changed since they were read. */
  async readAgain(files: readonly string[]): Promise<void> {
    for (const file of files) {
      const model = new EditFileModel(file, this.services);
      await model.read();
      model.dispose();
    }
  }

  openCustomDocument(uri: vscode.Uri): EditFileDocument {
    const document = new EditFileDocument(uri, this.services, (closed) => this.#open.delete(closed));
    this.#open.add(document);
    void document.model.read();
    return document;
  }

  resolveCustomEditor({ model }: EditFileDocument, panel: vscode.WebviewPanel): void {
    const { webview } = panel;
    webview.options = webviewOptions(this.extensionUri);
    const snapshot = throttle(() => void webview.postMessage(model.state), snapshotIntervalMs);
    const subscriptions = [
      snapshot,
      model.onDidChange(() => snapshot.request()),
      receive(
        webview,
        editFileIntent,
        (intent) => {
          if (intent.type === "ready") snapshot.request();
          else void this.errors.guard(() => this.#handle(intent, model));
        },
        this.log,
      ),
    ];
    panel.onDidDispose(() => {
      for (const subscription of subscriptions) subscription.dispose();
    });
    webview.html = pageHtml(webview, this.extensionUri, "editFile", panel.title);
  }

  async #handle(intent: Exclude<EditFileIntent, { type: "ready" }>, model: EditFileModel): Promise<void> {
    switch (intent.type) {
      case "toggle":
        return model.toggle(intent.ids, intent.on);
      case "compare": {
        const [other] = (await vscode.window.showOpenDialog(dialogOptions(model.path))) ?? [];
        if (other) await model.compare(other.fsPath);
        return;
      }
      case "closeComparison":
        return model.closeComparison();
      case "again":
        return model.read();
      case "chooseModel":
        await vscode.commands.executeCommand(Command.chooseModel);
        return;
      case "showLog":
        return this.log.show();
      default:
        intent satisfies never;
    }
  }
}

function dialogOptions(path: string): vscode.OpenDialogOptions {
  return {
    title: t("Compare with…"),
    openLabel: t("Compare"),
    defaultUri: vscode.Uri.joinPath(vscode.Uri.file(path), ".."),
    filters: { [t("Edit files")]: ["romedit"] },
  };
}
