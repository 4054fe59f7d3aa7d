import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import { count, percent } from "../../text/numbers.ts";
import { Command } from "../contributions.ts";
import { EngineError } from "../engine/engineError.ts";
import { deleteExperiment, type PastExperiment, pastExperiments } from "../experiment/history.ts";
import type { Services } from "../services.ts";

type Needs = Pick<Services, "experiments" | "reports" | "models" | "chosenModel" | "labPanel">;

/** The experiments that were recorded here: opened, or deleted after a question. */
export function historyCommands({ experiments, reports, models, chosenModel, labPanel }: Needs) {
  async function show(): Promise<void> {
    const past = await pastExperiments(experiments.folder);
    if (past.length === 0)
      throw new EngineError("input", t('No experiment was recorded here; run "ROME: Record Experiment".'));
    const remove = { iconPath: new vscode.ThemeIcon("trash"), tooltip: t("Delete") };
    const pick = vscode.window.createQuickPick<vscode.QuickPickItem & { experiment: PastExperiment }>();
    pick.title = t("Experiments");
    pick.placeholder = t("Recorded on this machine; choose one to open its report");
    pick.items = past.map((experiment) => ({
      ...lineOf(experiment.report, experiment.date),
      experiment,
      buttons: [remove],
    }));
    const answer = new Promise<{ experiment: PastExperiment; remove: boolean } | undefined>((resolve) => {
      pick.onDidAccept(() => {
        const [chosen] = pick.selectedItems;
        resolve(chosen && { experiment: chosen.experiment, remove: false });
        pick.hide();
      });
      pick.onDidTriggerItemButton(({ item }) => {
        resolve({ experiment: item.experiment, remove: true });
        pick.hide();
      });
      pick.onDidHide(() => resolve(undefined));
    });
    pick.show();
    const chosen = await answer;
    pick.dispose();
    if (chosen) await (chosen.remove ? discard(chosen.experiment) : open(chosen.experiment));
  }

  /** Makes it the report of the open model and concept, if it is one of them. */
  async function open({ folder, report }: PastExperiment): Promise<void> {
    const { model, defaults } = await models.describe();
    if (report.model.fingerprint !== model.fingerprint)
      throw new EngineError("input", t("This experiment is of {0}. Choose that model first.", report.model.name));
    if (report.prompt !== defaults.concept.prompt)
      throw new EngineError(
        "input",
        t("This experiment is about {0}. Choose that concept first.", report.concept.name),
      );
    await reports.setRecorded(chosenModel.folder, folder);
    await reports.load(chosenModel.folder);
    await models.reopen();
    labPanel.open({ tab: "experiment" });
  }

  async function discard(experiment: PastExperiment): Promise<void> {
    const sure = t("Delete");
    const { total } = experiment.report.recorded;
    const question = t("Delete the experiment of {0} names?", count(total));
    const detail = t("Its edits and its report in {0} are removed.", experiment.folder);
    if ((await vscode.window.showWarningMessage(question, { modal: true, detail }, sure)) !== sure) return;
    await deleteExperiment(experiment);
    if (reports.recordedFolder(chosenModel.folder) === experiment.folder) await experiments.discard();
  }

  return { [Command.showExperiments]: show };
}

/** Name, concept, model, date, parameters and result in three lines. */
function lineOf({ concept, model, layer, recorded, classifier, seed }: PastExperiment["report"], date: number) {
  return {
    label: t("{0} · {1} names", concept.name, count(recorded.total)),
    description: `${model.name} · ${new Date(date).toLocaleString(vscode.env.language)}`,
    detail: t(
      "layer {0}, seed {1} · flipped {2} · test accuracy {3}",
      layer,
      seed,
      percent(recorded.flipped / recorded.total),
      percent(classifier.testAccuracy),
    ),
  };
}
