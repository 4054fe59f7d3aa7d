import { basename } from "node:path";
import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import type { ConceptEntry, Concepts } from "../concepts/concepts.ts";
import { Command, TreeItemKind, View } from "../contributions.ts";
import { DisposableBase } from "../disposable.ts";

/** The Concepts view: what can be asked of a name, and which of it everything is about now. */
export class ConceptsTree extends DisposableBase implements vscode.TreeDataProvider<ConceptEntry> {
  readonly #changed = this.register(new vscode.EventEmitter<undefined>());
  readonly onDidChangeTreeData = this.#changed.event;

  constructor(private readonly concepts: Concepts) {
    super();
    this.register(vscode.window.createTreeView(View.concepts, { treeDataProvider: this }));
    this.register(concepts.onDidChange(() => this.#changed.fire(undefined)));
  }

  async getChildren(parent?: ConceptEntry): Promise<ConceptEntry[]> {
    return parent ? [] : this.concepts.list();
  }

  getTreeItem(entry: ConceptEntry): vscode.TreeItem {
    const { file, concept, problem, shipped } = entry;
    const chosen = this.concepts.isChosen(entry);
    // A file that cannot be used any more: what it was is in force.
    const shown = concept ?? (chosen ? this.concepts.concept : undefined);
    const item = new vscode.TreeItem(shown?.name ?? basename(file));
    item.id = file;
    item.description = shown ? shown.targets.map(({ label }) => label).join(" ↔ ") : t("cannot be used");
    item.tooltip = concept
      ? concept.prompt
      : [...(chosen ? [t("cannot be used; stays in use as it was")] : []), problem].join("\n");
    const usable = chosen ? "circle-filled" : "circle-outline";
    item.iconPath = new vscode.ThemeIcon(concept ? usable : chosen ? "warning" : "circle-slash");
    item.contextValue = !concept
      ? TreeItemKind.unusableConcept
      : chosen
        ? TreeItemKind.conceptInUse
        : TreeItemKind.concept;
    const state = chosen ? t("in use") : shipped ? t("shipped") : t("of this workspace");
    item.accessibilityInformation = { label: `${item.label}, ${item.description}, ${state}` };
    item.command = concept
      ? { command: Command.useConcept, title: t("Use This Concept"), arguments: [entry] }
      : { command: Command.openConcept, title: t("Open Concept File"), arguments: [entry] };
    return item;
  }
}
