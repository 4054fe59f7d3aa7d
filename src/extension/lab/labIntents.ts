import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import type { LabIntent } from "../../protocol/lab.ts";
import { count } from "../../text/numbers.ts";
import { Command } from "../contributions.ts";
import { pastExperiment, unfinished } from "../experiment/history.ts";
import type { Services } from "../services.ts";
import { dateOf } from "../ui/date.ts";
import { saveExport } from "../ui/exports.ts";
import { saveDialog } from "../ui/files.ts";
import { offerBack } from "../ui/flipBack.ts";
import { chooseNames, revealName } from "../ui/names.ts";
import { isSure } from "../ui/sure.ts";
import { mayGo } from "../ui/trash.ts";

/** Does what the lab asks for. */
export async function handleLabIntent(intent: LabIntent, services: Services): Promise<void> {
  const { lab, edits, experiments, namesFile, results, resultsView } = services;
  switch (intent.type) {
    case "ready":
      return;
    case "edit":
      return lab.edit(intent.request);
    case "run": {
      const same = lab.inForce(intent.request);
      return same ? offerBack([same], edits) : lab.run(intent.request);
    }
    case "toggle":
      return edits.set([intent.id], intent.on);
    case "cancel":
      if (intent.what === "run") lab.cancelRun();
      else if (intent.what === "record") experiments.cancel();
      else if (intent.what === "prompt") lab.prompt.cancel();
      else if (intent.what === "trace") lab.measurements.trace.cancel();
      else if (intent.what === "lens") lab.measurements.lens.cancel();
      else if (intent.what === "attribution") lab.measurements.attribution.cancel();
      else if (intent.what === "referee") lab.measurements.referee.cancel();
      else if (intent.what === "specificity") lab.measurements.cancelSpecificity();
      else lab.cancelTry();
      return;
    case "chooseNames":
      return chooseNames(namesFile);
    case "record":
      // What goes on goes on as it was begun.
      await vscode.commands.executeCommand(Command.record, experiments.stoppedOptions ?? intent.options);
      return;
    case "removeStopped":
      return discardStopped(services);
    case "comparePretrained":
      return comparePretrained(services);
    case "discardRecording":
      return experiments.discard();
    case "tryName":
      return lab.tryName(intent.name, intent.scale, intent.construction);
    case "trace":
      return lab.measurements.runTrace(intent.request);
    case "lens":
      return lab.measurements.runLens(intent.request);
    case "attribute":
      return lab.measurements.runAttribution(intent.request);
    case "evaluate":
      return lab.measurements.runEvaluation(intent.request, lab.state.model?.hasExperiment ?? false);
    case "layers":
      return lab.measurements.runLayers(intent.request);
    case "prompt":
      return lab.prompt.run(intent.request);
    case "referee":
      return lab.measurements.runReferee(intent.request);
    case "addVector": {
      const path = await chooseVector();
      if (path !== undefined) services.labPanel.addVector(path);
      return;
    }
    case "saveVectors": {
      const file = await saveDialog("vectors.romedit", { [t("Edits")]: ["romedit"] });
      if (!file) return;
      await lab.prompt.save(file.fsPath);
      await vscode.commands.executeCommand("vscode.open", file);
      return;
    }
    case "exportPng":
    case "exportSvg":
    case "exportCsv":
      return saveExport(intent);
    case "revealName": {
      const card = results.cards.find((other) => other.kind === "flip" && other.name === intent.name);
      if (card) await resultsView.reveal(card.id);
      return revealName(intent.name, namesFile);
    }
    case "flipName":
      await vscode.commands.executeCommand(Command.flip, { names: [intent.name] });
      return;
    case "copy":
      await vscode.env.clipboard.writeText(intent.text);
      return;
    case "explain":
      await vscode.commands.executeCommand(Command.explainFigures, intent.page);
      return;
    case "showLog":
      return services.log.show();
    default:
      intent satisfies never;
  }
}

/** The open report, or that of the embedded model, beside the one on a pretrained model. */
async function comparePretrained({ reports, chosenModel, comparisonPanels }: Services): Promise<void> {
  const open = reports.recordedFolder(chosenModel.folder) ?? reports.shipped.embedded;
  const [first, second] = await Promise.all([open, reports.shipped.pretrained].map(pastExperiment));
  if (first && second) comparisonPanels.open([first, second]);
}

/** A data set's folder or a vector's file; not every system has a dialog for both. */
async function chooseVector(): Promise<string | undefined> {
  const kinds = [
    {
      label: t("A data set"),
      description: t("a folder that rome record and rome analyze made"),
      canSelectFolders: true,
    },
    { label: t("A file"), description: t(".npy or .safetensors"), canSelectFolders: false },
  ];
  const kind = await vscode.window.showQuickPick(kinds, { title: t("Add Vector") });
  if (!kind) return undefined;
  const { canSelectFolders } = kind;
  const [chosen] =
    (await vscode.window.showOpenDialog({
      title: t("Add Vector"),
      canSelectFolders,
      canSelectFiles: !canSelectFolders,
      ...(canSelectFolders ? {} : { filters: { [t("Vectors")]: ["npy", "safetensors"] } }),
    })) ?? [];
  return chosen?.fsPath;
}

/** Takes away what a stopped recording has kept, after a question: it may be the work of hours. */
async function discardStopped({ experiments }: Pick<Services, "experiments">): Promise<void> {
  const { recording } = experiments;
  if (recording.state !== "stopped") return;
  const edits = count(recording.done);
  const question = t("Discard the {0} edits that are recorded?", edits);
  const folder = experiments.stoppedFolder;
  const begun = folder === undefined ? undefined : await unfinished(folder);
  const which = begun && t("{0} · {1} · begun {2}", begun.concept, begun.model.name, dateOf(begun));
  const fate = t("They are deleted with all that was made of them, into the trash where there is one.");
  if (!(await isSure(question, which ? `${which}\n${fate}` : fate, t("Discard")))) return;
  if (folder !== undefined && (await mayGo(folder, t("Delete the {0} edits for good?", edits))))
    await experiments.remove(folder);
}
