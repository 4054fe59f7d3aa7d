import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import { byteCount } from "../../text/amounts.ts";
import { Command, View } from "../contributions.ts";
import { DisposableBase } from "../disposable.ts";
import type { EngineClient, EngineState } from "../engine/engineClient.ts";
import { describeRuntime } from "../engine/nodeRuntime.ts";
import type { ChosenModel } from "../models/chosenModel.ts";
import type { EditStore } from "../results/editStore.ts";
import { stateText } from "../ui/stateText.ts";

/** The status bar's item: the model, how the engine is, and its memory. */
export class StatusItem extends DisposableBase {
  readonly #item = this.register(vscode.window.createStatusBarItem("status", vscode.StatusBarAlignment.Right, 100));

  constructor(
    private readonly engine: EngineClient,
    private readonly chosen: ChosenModel,
    private readonly edits: EditStore,
  ) {
    super();
    const item = this.#item;
    item.name = t("ROME: Gender Vectors");
    item.command = `${View.results}.focus`;
    this.register(engine.onDidChangeState(() => this.#update()));
    this.register(chosen.onDidChange(() => this.#update()));
    this.register(edits.onDidChange(() => this.#update()));
    this.#update();
  }

  /** It takes its place in the bar once it is used: an engine was started, or an edit is on. */
  #update(): void {
    if (this.engine.state.kind !== "stopped" || this.edits.on.length > 0) this.#item.show();
    const { state } = this.engine;
    const on = this.edits.on.length;
    // A long name is cut off at its end.
    const label = on > 0 ? t("ROME: edits on: {0} · {1}", on, this.chosen.name) : t("ROME: {0}", this.chosen.name);
    this.#item.text = `$(${icon(state)}) ${label}`;
    this.#item.backgroundColor =
      state.kind === "failed" ? new vscode.ThemeColor("statusBarItem.errorBackground") : undefined;
    this.#item.accessibilityInformation = { label: `${label}, ${stateText(state)}` };
    this.#item.tooltip = this.#tooltip(state);
  }

  #tooltip(state: EngineState): vscode.MarkdownString {
    const { description } = this.chosen;
    const tooltip = new vscode.MarkdownString();
    tooltip.isTrusted = { enabledCommands: [Command.chooseModel, Command.restartEngine, Command.showLog] };
    const lines = [
      description
        ? t("Model: {0}, layer {1}, {2}", this.chosen.name, description.model.editLayer, description.runtime.device)
        : t("Model: {0}", this.chosen.name),
      t("Engine: {0}", stateText(state)),
      ...(state.kind === "ready"
        ? [t("Memory: {0}", byteCount(state.memoryBytes)), t("Runs on {0}", describeRuntime(state.runtime))]
        : []),
    ];
    for (const line of lines) tooltip.appendText(line).appendMarkdown("\n\n");
    tooltip.appendMarkdown(
      [
        `[${t("Choose Model…")}](command:${Command.chooseModel})`,
        `[${t("Restart Engine")}](command:${Command.restartEngine})`,
        `[${t("Show Log")}](command:${Command.showLog})`,
      ].join(" · "),
    );
    return tooltip;
  }
}

function icon(state: EngineState): string {
  if (state.kind === "ready") return state.busy ? "loading~spin" : "arrow-swap";
  return { starting: "loading~spin", failed: "error", stopped: "arrow-swap" }[state.kind];
}
