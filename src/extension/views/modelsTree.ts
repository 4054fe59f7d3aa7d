import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import type { ModelEntry } from "../../protocol/engine.ts";
import { byteCount } from "../../text/amounts.ts";
import { Command, TreeItemKind, View } from "../contributions.ts";
import { DisposableBase } from "../disposable.ts";
import type { EngineClient } from "../engine/engineClient.ts";
import { messageOf } from "../engine/engineError.ts";
import { type ChosenModel, embedded } from "../models/chosenModel.ts";
import type { ModelNode } from "../models/modelNode.ts";
import type { ModelService } from "../models/modelService.ts";
import type { Settings } from "../settings.ts";

/** The Models view: what can be chosen, what is open, and how much memory it takes. */
export class ModelsTree extends DisposableBase implements vscode.TreeDataProvider<ModelNode> {
  readonly #changed = this.register(new vscode.EventEmitter<undefined>());
  readonly onDidChangeTreeData = this.#changed.event;
  #entries: Promise<ModelEntry[]> | undefined;

  constructor(
    private readonly engine: EngineClient,
    private readonly chosen: ChosenModel,
    private readonly models: ModelService,
    private readonly settings: Settings,
  ) {
    super();
    const dragAndDropController = { dropMimeTypes: ["text/uri-list"], dragMimeTypes: [], handleDrop };
    this.register(vscode.window.createTreeView(View.models, { treeDataProvider: this, dragAndDropController }));
    this.register(chosen.onDidChange(() => this.#changed.fire(undefined)));
    let shown = "";
    // Memory is reported each second; the tree is redrawn when what it shows is another text.
    this.register(
      engine.onDidChangeState(() => {
        const text = this.#loadedState();
        if (text !== shown) this.#changed.fire(undefined);
        shown = text;
      }),
    );
    this.register(settings.onDidChange((changed) => changed.has("rome.modelFolders") && this.refresh()));
  }

  /** Looks at the folders anew. */
  refresh(): void {
    this.#entries = undefined;
    this.#changed.fire(undefined);
  }

  async getChildren(parent?: ModelNode): Promise<ModelNode[]> {
    if (parent) return [];
    const folders = this.settings.get("rome.modelFolders");
    // Listing needs the engine; until it runs for another reason the chosen model and the folders are enough.
    if (this.engine.state.kind !== "ready" && !this.#entries) {
      return [this.#chosen(), ...folders.map((folder): ModelNode => ({ kind: "folder", folder }))];
    }
    try {
      this.#entries ??= this.models.list();
      const entries = await this.#entries;
      const empty = folders.filter((folder) => !entries.some((entry) => entry.folder.startsWith(folder)));
      return [
        ...entries.map((entry): ModelNode => ({ kind: "model", entry })),
        ...empty.map((folder): ModelNode => ({ kind: "folder", folder })),
      ];
    } catch (error) {
      this.#entries = undefined;
      return [this.#chosen(), { kind: "problem", message: messageOf(error) }];
    }
  }

  getTreeItem(node: ModelNode): vscode.TreeItem {
    if (node.kind === "problem") {
      const item = new vscode.TreeItem(node.message);
      item.iconPath = new vscode.ThemeIcon("error");
      item.command = { command: Command.showLog, title: t("Show Log") };
      return item;
    }
    if (node.kind === "folder") {
      const item = new vscode.TreeItem(node.folder);
      item.iconPath = new vscode.ThemeIcon("folder");
      item.contextValue = TreeItemKind.modelFolder;
      return item;
    }
    return this.#modelItem(node.entry);
  }

  #modelItem(entry: ModelEntry): vscode.TreeItem {
    const { name, folder, usable, reason, layer } = entry;
    const inUse = folder === this.chosen.folder;
    const item = new vscode.TreeItem(name);
    item.id = folder;
    const size = entry.bytes > 0 ? byteCount(entry.bytes) : "";
    const facts = [inUse ? this.#loadedState() : "", size, layer === undefined ? "" : t("layer {0}", layer)];
    item.description = usable ? facts.filter((fact) => fact !== "").join(" · ") : reason;
    // The view is narrow: what does not fit in a row is read here.
    item.tooltip = [name, item.description, folder].filter((part) => part).join("\n");
    item.iconPath = new vscode.ThemeIcon(usable ? (inUse ? "circle-filled" : "circle-outline") : "circle-slash");
    item.contextValue = usable ? (inUse ? TreeItemKind.modelInUse : TreeItemKind.model) : TreeItemKind.unusableModel;
    return item;
  }

  #loadedState(): string {
    const { state } = this.engine;
    if (state.kind === "ready")
      return t("loaded · {0} of memory", byteCount(Math.round(state.memoryBytes / 1e7) * 1e7));
    return state.kind === "starting" ? t("starting") : state.kind === "failed" ? t("failed") : t("not loaded");
  }

  #chosen(): ModelNode {
    const { folder, name, description } = this.chosen;
    const layer = description?.model.editLayer;
    const label = folder === embedded ? (description?.model.name ?? t("Embedded model")) : name;
    return { kind: "model", entry: { name: label, folder, usable: true, bytes: 0, layer } };
  }
}

/** Unpacks the GGUF files that are dropped on the view, one after the other. */
async function handleDrop(_: ModelNode | undefined, dropped: vscode.DataTransfer): Promise<void> {
  const list = (await dropped.get("text/uri-list")?.asString()) ?? "";
  const files = list.split(/\r?\n/).filter((line) => /^file:.*\.gguf$/i.test(line));
  for (const file of files) await vscode.commands.executeCommand(Command.downloadModel, vscode.Uri.parse(file).fsPath);
}
