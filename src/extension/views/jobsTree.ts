import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import type { JobFailure } from "../../protocol/jobs.ts";
import { duration } from "../../text/amounts.ts";
import { outOf } from "../../text/numbers.ts";
import { TreeItemKind, View } from "../contributions.ts";
import { DisposableBase } from "../disposable.ts";
import type { Cluster, ClusterWork } from "../experiment/cluster.ts";

type Node =
  | { readonly kind: "work"; readonly work: ClusterWork }
  | { readonly kind: "failure"; readonly failure: JobFailure };

/** The Jobs view: each experiment on the cluster with the states of its shards, and what failed below it. */
export class JobsTree extends DisposableBase implements vscode.TreeDataProvider<Node> {
  readonly #changed = this.register(new vscode.EventEmitter<undefined>());
  readonly onDidChangeTreeData = this.#changed.event;

  constructor(private readonly cluster: Cluster) {
    super();
    this.register(vscode.window.createTreeView(View.jobs, { treeDataProvider: this }));
    this.register(cluster.onDidChange(() => this.#changed.fire(undefined)));
  }

  getChildren(parent?: Node): Node[] {
    if (!parent) return this.cluster.works.map((work) => ({ kind: "work", work }));
    const failures = parent.kind === "work" ? (parent.work.status?.failures ?? []) : [];
    return failures.map((failure) => ({ kind: "failure", failure }));
  }

  getTreeItem(node: Node): vscode.TreeItem {
    if (node.kind === "failure") {
      const { what, error, log } = node.failure;
      const item = new vscode.TreeItem(what);
      item.description = error;
      item.tooltip = log;
      item.iconPath = new vscode.ThemeIcon("error");
      item.command = { command: "vscode.open", title: t("Open"), arguments: [vscode.Uri.file(log)] };
      return item;
    }
    const { model, folder, status } = node.work;
    const hasFailures = (status?.failures.length ?? 0) > 0;
    const { None, Expanded } = vscode.TreeItemCollapsibleState;
    const item = new vscode.TreeItem(model.split(/[\\/]/).at(-1) ?? model, hasFailures ? Expanded : None);
    item.id = folder;
    item.contextValue = TreeItemKind.job;
    item.description = status ? workText(status) : t("not looked at yet");
    item.tooltip = `${item.description}\n${folder}`;
    item.iconPath = new vscode.ThemeIcon(hasFailures ? "warning" : "server-process");
    return item;
  }
}

/** "3 of 8 shards · 2 running · about 5 min left". */
function workText({ shards, secondsLeft, merged, failures }: NonNullable<ClusterWork["status"]>): string {
  const { done, running, failed, waiting } = shards;
  const all = done + running + failed + waiting;
  return [
    t("{0} shards", outOf(done, all)),
    ...(done === all && !merged && failures.length === 0 ? [t("merging")] : []),
    ...(running > 0 ? [t("{0} running", running)] : []),
    ...(failed > 0 ? [t("{0} failed", failed)] : []),
    ...(waiting > 0 ? [t("{0} waiting", waiting)] : []),
    ...(secondsLeft === null ? [] : [t("about {0} left", duration(secondsLeft))]),
  ].join(" · ");
}
