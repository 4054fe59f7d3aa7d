import * as vscode from "vscode";
import { EditFileEditor } from "./editFiles/editFileEditor.ts";
import { EngineClient } from "./engine/engineClient.ts";
import { EngineProcess } from "./engine/engineProcess.ts";
import { currentHost, findRuntime } from "./engine/nodeRuntime.ts";
import { ErrorReporter } from "./errorReporter.ts";
import { Experiments } from "./experiment/experiments.ts";
import { Reports } from "./experiment/reports.ts";
import { Lab } from "./lab/lab.ts";
import { handleLabIntent } from "./lab/labIntents.ts";
import { LabPanel } from "./lab/labPanel.ts";
import { KnownNames } from "./language/knownNames.ts";
import { NamesFile } from "./language/namesFile.ts";
import { ModelService } from "./models/modelService.ts";
import { EditStore } from "./results/editStore.ts";
import { FileEdits } from "./results/fileEdits.ts";
import { ResultStore } from "./results/resultStore.ts";
import { Runner } from "./results/runner.ts";
import { handleResultsIntent } from "./resultsView/resultsIntents.ts";
import { ResultsView } from "./resultsView/resultsView.ts";
import type { Services } from "./services.ts";
import { Settings } from "./settings.ts";
import { Timings } from "./timings.ts";
import { ModelsTree } from "./views/modelsTree.ts";
import { statusLine } from "./views/statusLine.ts";

/** Builds the services from the editor's context; everything disposable goes to its subscriptions. */
export function buildServices(context: vscode.ExtensionContext, log: vscode.LogOutputChannel): Services {
  const own = <T extends vscode.Disposable>(service: T): T => {
    context.subscriptions.push(service);
    return service;
  };
  const asset = (...path: string[]) => vscode.Uri.joinPath(context.extensionUri, ...path).fsPath;
  const storage = context.globalStorageUri.fsPath;
  const workspaceStorage = (context.storageUri ?? context.globalStorageUri).fsPath;

  const errors = new ErrorReporter(log);
  const settings = own(new Settings());
  const timings = new Timings(log);
  const reports = new Reports(asset("models", "embedded", "experiment"), context.globalState, log);
  const memoryBytes = () => Math.round(settings.get("rome.engine.memoryGiB") * 2 ** 30) || undefined;
  const engine: EngineClient = own(
    new EngineClient({
      spawn: async () =>
        new EngineProcess(
          asset("dist", "engine.js"),
          await findRuntime(settings.get("rome.nodePath"), currentHost()),
          log,
        ),
      options: ({ arena }) => ({
        model: models.folder,
        experimentFolder: reports.recordedFolder(models.folder),
        assetsFolder: asset(),
        storageFolder: storage,
        arena,
        memoryBytes: memoryBytes(),
        device: settings.get("rome.device"),
        exact: settings.get("rome.exactCompletions"),
      }),
      idleMs: () => settings.get("rome.engine.idleMinutes") * 60_000,
      unresponsiveMs: () => settings.get("rome.engine.unresponsiveSeconds") * 1000,
      log,
    }),
  );
  const models: ModelService = new ModelService(
    engine,
    settings,
    context.globalState,
    asset("models", "embedded"),
    (model) => reports.recordedFolder(model),
  );
  const results: ResultStore = new ResultStore(`${workspaceStorage}/results`, log, (id) => edits.isOn(id));
  const fileEdits = new FileEdits();
  const edits = new EditStore(results, fileEdits, context.workspaceState, () => models.description?.model.fingerprint);
  const namesFile = new NamesFile(asset("data", "names.csv"), () => settings.get("rome.namesFile"), log);
  const names = new KnownNames(reports, namesFile, results);
  // A card tells its own failure; it needs a notification only where it is out of sight.
  const failed = (error: unknown) => (resultsView.visible ? errors.record(error) : errors.report(error));
  const defaults = () => ({
    maxTokens: settings.get("rome.maxTokens"),
    limits: {
      drift: settings.get("rome.health.maxDrift"),
      deltaRatio: settings.get("rome.health.maxDeltaRatio"),
      denominatorShare: settings.get("rome.health.minDenominator"),
    },
  });
  const runner = new Runner(engine, models, results, edits, defaults, failed);
  const experiments = new Experiments(engine, models, reports, storage, log, (error) => errors.report(error));
  const status = () => statusLine(engine, models, edits);
  const lab = new Lab({ engine, models, experiments, results, edits, runner, namesFile, status, defaults });
  const resultsView: ResultsView = own(
    new ResultsView(
      context.extensionUri,
      results,
      edits,
      status,
      (intent) => void errors.guard(() => handleResultsIntent(intent, services)),
      log,
    ),
  );
  const labPanel = own(
    new LabPanel(
      context.extensionUri,
      lab,
      reports,
      (intent) => void errors.guard(() => handleLabIntent(intent, services)),
      log,
    ),
  );
  const editFileEditor = own(
    new EditFileEditor(
      context.extensionUri,
      { engine, models, edits, fileEdits, failed: (error) => errors.record(error) },
      errors,
      log,
    ),
  );
  const modelsTree = own(new ModelsTree(engine, models, settings));
  const services: Services = {
    log,
    errors,
    settings,
    timings,
    engine,
    models,
    results,
    edits,
    fileEdits,
    runner,
    reports,
    experiments,
    namesFile,
    names,
    lab,
    labPanel,
    resultsView,
    editFileEditor,
    modelsTree,
  };
  return services;
}
