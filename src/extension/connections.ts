import * as vscode from "vscode";
import { conceptSuffix } from "./concepts/concepts.ts";
import { handleLabIntent } from "./lab/labIntents.ts";
import { lineOf } from "./language/names.ts";
import { handleResultsIntent } from "./resultsView/resultsIntents.ts";
import type { Services } from "./services.ts";
import { namesUri } from "./ui/shippedNames.ts";

/** How a change in one service reaches the others. */
export function connectServices(services: Services): vscode.Disposable[] {
  const { engine, chosenModel, models, reports, edits, settings, errors, namesFile, experiments, conceptInForce } =
    services;
  const { resultsView, labPanel, editFileEditor } = services;
  let engineKind = "";
  const conceptFiles = vscode.workspace.createFileSystemWatcher(`**/*${conceptSuffix}`);
  const conceptsChanged = () => void errors.guard(() => conceptInForce.filesChanged());
  const catchUp = () => void errors.guard(() => conceptInForce.catchUp());
  return [
    conceptFiles,
    ...[conceptFiles.onDidChange, conceptFiles.onDidCreate, conceptFiles.onDidDelete].map((on) => on(conceptsChanged)),
    experiments.onDidChange(catchUp),
    engine.onDidChangeState(catchUp),
    resultsView.onDidReceive((intent) => void errors.guard(() => handleResultsIntent(intent, services))),
    labPanel.onDidReceive((intent) => void errors.guard(() => handleLabIntent(intent, services))),
    engine.onDidChangeState((state) => {
      const kind = state.kind === "ready" ? `${state.kind} ${state.busy}` : state.kind;
      if (kind === engineKind) return;
      engineKind = kind;
      resultsView.refresh();
      labPanel.refresh();
    }),
    chosenModel.onDidChange(() => {
      edits.refresh();
      editFileEditor.refresh();
    }),
    settings.onDidChange((changed) => {
      void errors.guard(async () => {
        if (changed.has("rome.model")) {
          await reports.load(chosenModel.folder);
          await models.followSetting();
        }
        if (changed.has("rome.namesFile")) await namesFile.load();
        // A stopped engine starts with the new settings by itself.
        const processChanged = (["rome.nodePath", "rome.device", "rome.engine.memoryGiB"] as const).some((name) =>
          changed.has(name),
        );
        if (processChanged && engine.state.kind !== "stopped") await engine.restart();
      });
    }),
    vscode.window.onDidChangeTextEditorSelection(({ textEditor: { document }, selections }) => {
      if (document.uri.toString() !== namesUri(namesFile).toString()) return;
      const lines = selections.map(({ active }) => document.lineAt(active.line).text);
      const selected = [...namesFile.names].filter((name) => lines.some((line) => lineOf(name, line) === 0));
      labPanel.select(selected);
    }),
  ];
}
