import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import { signed } from "../../text/numbers.ts";
import { direction } from "../../text/words.ts";
import { TreeItemKind, View } from "../contributions.ts";
import { DisposableBase } from "../disposable.ts";
import type { EditStore, LiveEdit } from "../results/editStore.ts";

/** The Edits view: every edit with a check box that switches it. */
export class EditsTree extends DisposableBase implements vscode.TreeDataProvider<LiveEdit> {
  readonly #changed = this.register(new vscode.EventEmitter<undefined>());
  readonly onDidChangeTreeData = this.#changed.event;

  constructor(
    private readonly edits: EditStore,
    private readonly restored: Promise<void>,
    reveal: (edit: LiveEdit) => void,
  ) {
    super();
    const tree = this.register(
      vscode.window.createTreeView(View.edits, { treeDataProvider: this, manageCheckboxStateManually: true }),
    );
    let drawn: readonly LiveEdit[] = [];
    this.register(
      tree.onDidChangeCheckboxState(({ items }) => {
        const before = drawn;
        for (const wanted of [true, false]) {
          const state = wanted ? vscode.TreeItemCheckboxState.Checked : vscode.TreeItemCheckboxState.Unchecked;
          const ids = items.filter(([, box]) => box === state).map(([{ id }]) => id);
          if (ids.length > 0) edits.set(ids, wanted);
        }
        // Where that changed nothing, the box that was clicked says what is not so.
        if (drawn === before) this.#changed.fire(undefined);
      }),
    );
    this.register(tree.onDidChangeSelection(({ selection: [edit] }) => edit && reveal(edit)));
    const refresh = () => {
      const { all } = edits;
      // A row that is drawn anew while the mouse is on its box loses the click.
      if (isSame(all, drawn)) return;
      drawn = all;
      const on = all.filter((edit) => edit.on).length;
      tree.badge = on > 0 ? { value: on, tooltip: t("Edits on: {0}", on) } : undefined;
      this.#changed.fire(undefined);
    };
    this.register(edits.onDidChange(refresh));
    refresh();
  }

  async getChildren(parent?: LiveEdit): Promise<LiveEdit[]> {
    await this.restored;
    return parent ? [] : [...this.edits.all];
  }

  getTreeItem({ id, name, said, says, layer, on, fits, model, scale, file }: LiveEdit): vscode.TreeItem {
    const item = new vscode.TreeItem(name);
    item.id = id;
    const stays = said === says;
    const change = stays ? t("stays {0}", says) : direction(said, says);
    const what = scale === undefined ? t("layer {0}", layer) : `${signed(scale, 2)} g`;
    item.description = fits ? `${change} · ${what}` : t("made for {0}", model);
    item.contextValue =
      file !== undefined ? TreeItemKind.fileEdit : scale !== undefined ? TreeItemKind.vectorEdit : TreeItemKind.edit;
    if (file !== undefined) item.tooltip = file;
    const spoken = stays
      ? [t("{0}, stays {1}, on", name, says), t("{0}, stays {1}, off", name, says)]
      : [t("{0}, {1} to {2}, on", name, said, says), t("{0}, {1} to {2}, off", name, said, says)];
    item.accessibilityInformation = { label: on ? spoken[0]! : spoken[1]! };
    // Without a check box: it cannot be on while another model is open.
    if (fits) {
      item.checkboxState = on ? vscode.TreeItemCheckboxState.Checked : vscode.TreeItemCheckboxState.Unchecked;
    }
    return item;
  }
}

function isSame(some: readonly LiveEdit[], others: readonly LiveEdit[]): boolean {
  const fields = (edit: LiveEdit) => Object.entries(edit) as [keyof LiveEdit, unknown][];
  return (
    some.length === others.length &&
    some.every((edit, i) => fields(edit).every(([field, value]) => others[i]?.[field] === value))
  );
}
