import * as vscode from "vscode";
import type { Workplace } from "../mcp/tools.ts";
import { agentAsk, agentEdits } from "./agents/agentEdits.ts";
import { ConceptInForce } from "./concepts/conceptInForce.ts";
import { Concepts, conceptSuffix } from "./concepts/concepts.ts";
import { EditFileEditor } from "./editFiles/editFileEditor.ts";
import { EngineClient } from "./engine/engineClient.ts";
import { EngineProcess } from "./engine/engineProcess.ts";
import { currentHost, findRuntime } from "./engine/nodeRuntime.ts";
import { ErrorReporter } from "./errorReporter.ts";
import { Cluster } from "./experiment/cluster.ts";
import { ComparisonPanels } from "./experiment/comparisonPanels.ts";
import { Experiments } from "./experiment/experiments.ts";
import { Reports } from "./experiment/reports.ts";
import { Lab } from "./lab/lab.ts";
import { LabPanel } from "./lab/labPanel.ts";
import { KnownNames } from "./language/knownNames.ts";
import { NamesFile } from "./language/namesFile.ts";
import { ChosenModel } from "./models/chosenModel.ts";
import { ModelService } from "./models/modelService.ts";
import { EditStore } from "./results/editStore.ts";
import { EditSwitches } from "./results/editSwitches.ts";
import { FileEdits } from "./results/fileEdits.ts";
import { ResultStore } from "./results/resultStore.ts";
import { Runner } from "./results/runner.ts";
import { ResultsView } from "./resultsView/resultsView.ts";
import type { Services } from "./services.ts";
import { Settings } from "./settings.ts";
import { Timings } from "./timings.ts";
import { provideShippedNames } from "./ui/shippedNames.ts";
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
  const concepts = new Concepts(
    [
      asset("data", "gender.json"),
      asset("docs", "concepts", "london-paris.json"),
      asset("docs", "concepts", "teacher-engineer.json"),
    ],
    context.workspaceState,
    async () => (await vscode.workspace.findFiles(`**/*${conceptSuffix}`)).map(({ fsPath }) => fsPath),
    log,
  );
  const conceptFile = () => concepts.file;
  const shipped = {
    embedded: asset("models", "embedded", "experiment"),
    pretrained: asset("samples", "Qwen2.5-Coder-0.5B"),
  };
  const reports = new Reports(shipped, context.globalState, conceptFile, log);
  const namesFile = new NamesFile(
    () => concepts.namesFile ?? asset("data", "names.csv"),
    context.workspaceState,
    () => settings.get("rome.namesFile"),
    conceptFile,
    log,
  );
  own(provideShippedNames(namesFile));
  const chosenModel = new ChosenModel(settings, context.globalState, conceptFile);
  const engine = own(
    new EngineClient({
      spawn: async () =>
        new EngineProcess(
          asset("dist", "engine.js"),
          await findRuntime(settings.get("rome.nodePath"), currentHost()),
          log,
        ),
      options: () => ({
        model: chosenModel.folder,
        conceptFile: concepts.file,
        conceptText: concepts.file === undefined ? undefined : concepts.text,
        experimentFolder: reports.recordedFolder(chosenModel.folder),
        assetsFolder: asset(),
        storageFolder: storage,
        memoryBytes: Math.round(settings.get("rome.engine.memoryGiB") * 2 ** 30) || undefined,
        device: settings.get("rome.device"),
      }),
      idleMs: () => settings.get("rome.engine.idleMinutes") * 60_000,
      unresponsiveMs: () => settings.get("rome.engine.unresponsiveSeconds") * 1000,
      log,
    }),
  );
  const models = new ModelService(engine, chosenModel, settings, asset("models", "embedded"), (model) =>
    reports.recordedFolder(model),
  );

  const switches = new EditSwitches(context.workspaceState);
  const results = new ResultStore(`${workspaceStorage}/results`, log, (id) => switches.on.has(id));
  const fileEdits = new FileEdits(`${workspaceStorage}/fileEdits`, log);
  const fingerprint = () => chosenModel.description?.model.fingerprint;
  const edits = new EditStore(results, fileEdits, switches, fingerprint);
  const names = new KnownNames(reports, namesFile, results, edits, () => concepts.labels);

  // What earlier windows left and what the extension ships; pages and commands wait for it.
  let changedFiles: string[] = [];
  const restored = errors
    .guard(async () => {
      await concepts.load();
      const loads = [results.load(), namesFile.load(), reports.load(chosenModel.folder)];
      [changedFiles] = await Promise.all([fileEdits.load(), ...loads]);
    })
    .then(() => {});

  const status = () => statusLine(engine, chosenModel, edits);
  const resultsView = own(new ResultsView(context.extensionUri, results, edits, status, restored, log));
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
  const experiments = new Experiments(
    engine,
    chosenModel,
    models,
    reports,
    conceptFile,
    storage,
    context.globalState,
    context.workspaceState,
    log,
    (error) => errors.report(error),
  );
  const conceptInForce = new ConceptInForce(concepts, engine, experiments, namesFile, reports, chosenModel, models);
  const cluster = own(
    new Cluster(
      engine,
      reports,
      models,
      chosenModel,
      context.workspaceState,
      () => labPanel.open({ tab: "experiment" }),
      log,
    ),
  );
  const lab = new Lab({
    engine,
    chosenModel,
    models,
    experiments,
    reports,
    results,
    edits,
    runner,
    namesFile,
    status,
    memento: context.workspaceState,
    defaults,
  });
  void restored.then(() => lab.restore());
  const labPanel = own(new LabPanel(context.extensionUri, lab, reports, restored, log));
  const comparisonPanels = own(new ComparisonPanels(context.extensionUri, errors, log));
  const editFileServices = { engine, models, edits, fileEdits, failed: (error: unknown) => errors.record(error) };
  const editFileEditor = own(new EditFileEditor(context.extensionUri, editFileServices, errors, log));
  void restored.then(() => editFileEditor.readAgain(changedFiles));
  const modelsTree = own(new ModelsTree(engine, chosenModel, models, settings));
  const workplace: Workplace = {
    ask: agentAsk(engine),
    edits: agentEdits(edits, runner),
    ready: restored,
  };
  return {
    log,
    restored,
    concepts,
    conceptInForce,
    errors,
    settings,
    timings,
    engine,
    chosenModel,
    models,
    results,
    edits,
    fileEdits,
    runner,
    reports,
    experiments,
    cluster,
    namesFile,
    names,
    lab,
    labPanel,
    comparisonPanels,
    resultsView,
    editFileEditor,
    modelsTree,
    workplace,
  };
}
