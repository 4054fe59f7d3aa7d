import type * as vscode from "vscode";
import type { Workplace } from "../mcp/tools.ts";
import type { ConceptInForce } from "./concepts/conceptInForce.ts";
import type { Concepts } from "./concepts/concepts.ts";
import type { EditFileEditor } from "./editFiles/editFileEditor.ts";
import type { EngineClient } from "./engine/engineClient.ts";
import type { ErrorReporter } from "./errorReporter.ts";
import type { Cluster } from "./experiment/cluster.ts";
import type { ComparisonPanels } from "./experiment/comparisonPanels.ts";
import type { Experiments } from "./experiment/experiments.ts";
import type { Reports } from "./experiment/reports.ts";
import type { Lab } from "./lab/lab.ts";
import type { LabPanel } from "./lab/labPanel.ts";
import type { KnownNames } from "./language/knownNames.ts";
import type { NamesFile } from "./language/namesFile.ts";
import type { ChosenModel } from "./models/chosenModel.ts";
import type { ModelService } from "./models/modelService.ts";
import type { EditStore } from "./results/editStore.ts";
import type { FileEdits } from "./results/fileEdits.ts";
import type { ResultStore } from "./results/resultStore.ts";
import type { Runner } from "./results/runner.ts";
import type { ResultsView } from "./resultsView/resultsView.ts";
import type { Settings } from "./settings.ts";
import type { Timings } from "./timings.ts";
import type { ModelsTree } from "./views/modelsTree.ts";

/** Everything extension.ts builds; commands take the part they need. */
export interface Services {
  log: vscode.LogOutputChannel;
  /** Resolves when what earlier windows left is there again. */
  restored: Promise<void>;
  concepts: Concepts;
  conceptInForce: ConceptInForce;
  errors: ErrorReporter;
  settings: Settings;
  timings: Timings;
  engine: EngineClient;
  chosenModel: ChosenModel;
  models: ModelService;
  results: ResultStore;
  edits: EditStore;
  fileEdits: FileEdits;
  runner: Runner;
  reports: Reports;
  experiments: Experiments;
  cluster: Cluster;
  namesFile: NamesFile;
  names: KnownNames;
  lab: Lab;
  labPanel: LabPanel;
  comparisonPanels: ComparisonPanels;
  resultsView: ResultsView;
  editFileEditor: EditFileEditor;
  modelsTree: ModelsTree;
  workplace: Workplace;
}
