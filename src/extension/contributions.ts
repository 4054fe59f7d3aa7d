import type { Device } from "../protocol/engine.ts";

/** Every name that package.json contributes; test/extension/manifest.test.ts checks both against each other, both ways. */

/** Commands, by what they do. Those that need an argument are hidden from the palette in the manifest. */
export const Command = {
  flip: "rome.flip",
  /** The same where everything is about another concept than gender: titles cannot change. */
  flipName: "rome.flipName",
  openLab: "rome.openLab",
  record: "rome.record",
  stopRecording: "rome.stopRecording",
  showExperiments: "rome.showExperiments",
  compareExperiments: "rome.compareExperiments",
  applyVector: "rome.applyVector",
  undoAll: "rome.undoAll",
  chooseModel: "rome.chooseModel",
  downloadModel: "rome.downloadModel",
  prepareModel: "rome.prepareModel",
  completePrompt: "rome.completePrompt",
  exportResults: "rome.exportResults",
  restartEngine: "rome.restartEngine",
  showLog: "rome.showLog",
  copyDebugInformation: "rome.copyDebugInformation",
  clearResults: "rome.clearResults",
  openNames: "rome.openNames",
  explainFigures: "rome.explainFigures",
  explainDevices: "rome.explainDevices",
  addModelFolder: "rome.addModelFolder",
  refreshModels: "rome.refreshModels",
  useModel: "rome.useModel",
  removeModelFolder: "rome.removeModelFolder",
  chooseConcept: "rome.chooseConcept",
  newConcept: "rome.newConcept",
  useConcept: "rome.useConcept",
  openConcept: "rome.openConcept",
  openEditInLab: "rome.openEditInLab",
  removeEdit: "rome.removeEdit",
  switchOff: "rome.switchOff",
  saveEdit: "rome.saveEdit",
  saveEdits: "rome.saveEdits",
  exportModel: "rome.exportModel",
  refreshJobs: "rome.refreshJobs",
  cancelJobs: "rome.cancelJobs",
} as const;
export type Command = (typeof Command)[keyof typeof Command];

export const View = {
  results: "rome.results",
  edits: "rome.edits",
  models: "rome.models",
  concepts: "rome.concepts",
  jobs: "rome.jobs",
} as const;

/** Type of the lab's webview panel. */
export const labPanelType = "rome.lab";

/** Type of the panels that set two experiments side by side. */
export const comparisonPanelType = "rome.comparison";

/** Type of the panels that show why a model was prepared as it was. */
export const preparationPanelType = "rome.preparation";

/** Type of the custom editor of `.romedit` files. */
export const editFileViewType = "rome.editFile";

/** Settings with their types; ranges, defaults and texts are in package.json. */
export interface Settings {
  "rome.nodePath": string;
  "rome.model": string;
  "rome.modelFolders": string[];
  "rome.namesFile": string;
  "rome.maxTokens": number;
  "rome.health.maxDrift": number;
  "rome.health.maxDeltaRatio": number;
  "rome.health.minDenominator": number;
  "rome.languages": string[];
  "rome.hover.enabled": boolean;
  "rome.inlayHints.enabled": boolean;
  "rome.decorations.enabled": boolean;
  "rome.diagnostics.enabled": boolean;
  "rome.engine.idleMinutes": number;
  "rome.engine.unresponsiveSeconds": number;
  "rome.device": Device;
  "rome.engine.memoryGiB": number;
}

/** The same names at run time, checked to be complete by the type. */
export const settingNames = Object.keys({
  "rome.nodePath": 0,
  "rome.model": 0,
  "rome.modelFolders": 0,
  "rome.namesFile": 0,
  "rome.maxTokens": 0,
  "rome.health.maxDrift": 0,
  "rome.health.maxDeltaRatio": 0,
  "rome.health.minDenominator": 0,
  "rome.languages": 0,
  "rome.hover.enabled": 0,
  "rome.inlayHints.enabled": 0,
  "rome.decorations.enabled": 0,
  "rome.diagnostics.enabled": 0,
  "rome.engine.idleMinutes": 0,
  "rome.engine.unresponsiveSeconds": 0,
  "rome.device": 0,
  "rome.engine.memoryGiB": 0,
} satisfies Record<keyof Settings, 0>) as (keyof Settings)[];

/** Context keys for `when` clauses. */
export const ContextKey = {
  hasResults: "rome.hasResults",
  hasEditsOn: "rome.hasEditsOn",
  hasVector: "rome.hasVector",
  recording: "rome.recording",
  otherConcept: "rome.otherConcept",
  hasJobs: "rome.hasJobs",
} as const;
export type ContextKey = (typeof ContextKey)[keyof typeof ContextKey];

/** `contextValue`s of tree items. */
export const TreeItemKind = {
  edit: "edit",
  fileEdit: "fileEdit",
  vectorEdit: "vectorEdit",
  concept: "concept",
  conceptInUse: "conceptInUse",
  unusableConcept: "unusableConcept",
  modelInUse: "modelInUse",
  model: "model",
  modelFolder: "modelFolder",
  unusableModel: "unusableModel",
  job: "job",
} as const;

/** The server of the Model Context Protocol. */
export const mcpProvider = "rome.tools";
/** A tool of src/mcp/tools.ts, as the editor's chat calls it. */
export const languageModelToolName = (tool: string) => `rome_${tool}`;
