import { t } from "@vscode/l10n";
import * as v from "valibot";
import * as vscode from "vscode";
import { explainedPage } from "../../protocol/lab.ts";
import { byteCount } from "../../text/amounts.ts";
import { Command, settingNames } from "../contributions.ts";
import { describeRuntime } from "../engine/nodeRuntime.ts";
import type { Services } from "../services.ts";
import { stateText } from "../ui/stateText.ts";

type Needs = Pick<
  Services,
  "engine" | "chosenModel" | "edits" | "results" | "reports" | "settings" | "timings" | "log"
>;

/** Commands for when something is wrong. */
export function supportCommands(services: Needs, { extensionUri, packageJSON }: vscode.Extension<unknown>) {
  const { engine, log } = services;

  async function copyDebugInformation(): Promise<void> {
    const text = debugInformation(services, packageJSON.version);
    log.info(text);
    await vscode.env.clipboard.writeText(text);
    vscode.window.setStatusBarMessage(t("Debug information is on the clipboard."), 4000);
  }

  /** Shows a page that comes with the extension. */
  async function explain(...path: string[]): Promise<void> {
    await vscode.commands.executeCommand("markdown.showPreview", vscode.Uri.joinPath(extensionUri, ...path));
  }

  return {
    [Command.explainFigures]: (page?: unknown) =>
      v.is(explainedPage, page) ? explain("docs", `${page}.md`) : explain("media", "figures.md"),
    [Command.explainDevices]: () => explain("docs", "devices.md"),
    [Command.restartEngine]: () => engine.restart(),
    [Command.showLog]: () => log.show(),
    [Command.copyDebugInformation]: copyDebugInformation,
  };
}

/** What a bug report needs; nothing of the user's names or files but the model's folder. In English for its readers. */
function debugInformation(services: Needs, version: string): string {
  const { engine, chosenModel, edits, results, reports, settings, timings } = services;
  const { state } = engine;
  const { description } = chosenModel;
  const configuration = vscode.workspace.getConfiguration();
  const changed = settingNames.filter((name) => configuration.inspect(name)?.globalValue !== undefined);
  return [
    `ROME: Gender Vectors ${version}, ${vscode.env.appName} ${vscode.version} (${vscode.env.appHost}), ${process.platform}-${process.arch}`,
    `extension host: Node.js ${process.versions.node}${process.versions.electron ? `, Electron ${process.versions.electron}` : ""}${vscode.env.remoteName ? `, remote ${vscode.env.remoteName}` : ""}`,
    `engine: ${stateText(state)}`,
    ...(state.kind === "ready"
      ? [`engine process: ${state.pid}, ${describeRuntime(state.runtime)}, ${byteCount(state.memoryBytes)}`]
      : []),
    ...(description
      ? [
          `model: ${description.model.name}, ${description.model.architecture}, ${description.model.parameters} parameters, ${description.model.weightType}, layer ${description.model.editLayer} of ${description.model.layers}, ${description.model.fingerprint}`,
          `onnxruntime ${description.runtime.onnxruntime} on ${description.runtime.device}`,
        ]
      : [`model: ${chosenModel.folder}, not described yet`]),
    `experiment: ${reports.source ?? "none"}; results: ${results.cards.length}; edits on: ${edits.on.length}`,
    `workspace trusted: ${vscode.workspace.isTrusted}`,
    ...changed.map((name) => `${name}: ${JSON.stringify(settings.get(name))}`),
    ...timings.summary(),
  ].join("\n");
}
