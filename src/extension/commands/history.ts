import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import { count, percent } from "../../text/numbers.ts";
import { Command } from "../contributions.ts";
import { EngineError } from "../engine/engineError.ts";
import { deleteExperiment, type PastExperiment, pastExperiment, pastExperiments } from "../experiment/history.ts";
import type { Services } from "../services.ts";
import { dateOf } from "../ui/date.ts";
import { isSure } from "../ui/sure.ts";
import { mayGo } from "../ui/trash.ts";

type Needs = Pick<
  Services,
  "concepts" | "experiments" | "reports" | "models" | "chosenModel" | "labPanel" | "comparisonPanels"
>;

type Line = vscode.QuickPickItem & { experiment: PastExperiment };

/** The experiments that were recorded here: opened, set side by side, or deleted after a question. */
export function historyCommands(services: Needs) {
  const { concepts, experiments, reports, models, chosenModel, labPanel, comparisonPanels } = services;

  /** Those recorded here, then those that came with the extension. */
  async function all(): Promise<Line[]> {
    const past = await pastExperiments(experiments.folder);
    const { embedded, pretrained } = reports.shipped;
    const shipped = await Promise.all([embedded, pretrained].map(pastExperiment));
    return [...past.map(lineOf), ...shipped.filter((found) => found !== undefined).map(shippedLine)];
  }

  function isShipped({ folder }: PastExperiment): boolean {
    return Object.values(reports.shipped).includes(folder);
  }

  async function show(): Promise<void> {
    const lines = await all();
    if (lines.length === 0)
      throw new EngineError("input", t('No experiment was recorded here; run "ROME: Record Experiment".'));
    const beside = { iconPath: new vscode.ThemeIcon("split-horizontal"), tooltip: t("Compare with…"), act: compare };
    const doings = [beside, { iconPath: new vscode.ThemeIcon("trash"), tooltip: t("Delete"), act: discard }];
    const pick = vscode.window.createQuickPick<Line>();
    pick.title = t("Experiments");
    pick.placeholder = t("Recorded here, or came with the extension; choose one to see its report");
    pick.items = lines.map((line) => ({ ...line, buttons: isShipped(line.experiment) ? [beside] : doings }));
    const answer = new Promise<{ experiment: PastExperiment; act: typeof open } | undefined>((resolve) => {
      pick.onDidAccept(() => {
        const [chosen] = pick.selectedItems;
        // That of another model can be looked at beside one of one's own.
        const isOther = chosen?.experiment.folder === reports.shipped.pretrained;
        resolve(chosen && { experiment: chosen.experiment, act: isOther ? compare : open });
        pick.hide();
      });
      pick.onDidTriggerItemButton(({ item: { experiment }, button }) => {
        const doing = doings.find((one) => one === button);
        resolve(doing && { experiment, act: doing.act });
        pick.hide();
      });
      pick.onDidHide(() => resolve(undefined));
    });
    pick.show();
    const chosen = await answer;
    pick.dispose();
    await chosen?.act(chosen.experiment);
  }

  /** Makes it the report of the open model and concept, if it is one of them. */
  async function open(experiment: PastExperiment): Promise<void> {
    const { folder, report } = experiment;
    const { model, defaults } = await models.describe();
    if (report.model.fingerprint !== model.fingerprint)
      throw new EngineError("input", t("This experiment is of {0}. Choose that model first.", report.model.name));
    if (report.prompt !== defaults.concept.prompt)
      throw new EngineError(
        "input",
        t("This experiment is about {0}. Choose that concept first.", report.concept.name),
      );
    const recorded = isShipped(experiment) ? undefined : folder;
    await reports.setRecorded(chosenModel.folder, recorded, concepts.file);
    await reports.load(chosenModel.folder);
    await models.reopen();
    labPanel.open({ tab: "experiment" });
  }

  /** Sets it beside another one; without an argument both are asked for. */
  async function compare(one?: PastExperiment): Promise<void> {
    const lines = await all();
    if (lines.length < 2)
      throw new EngineError("input", t('There is no other experiment yet; run "ROME: Record Experiment".'));
    const choose = (title: string, from: Line[]) =>
      vscode.window.showQuickPick(from, { title, ignoreFocusOut: true }).then((line) => line?.experiment);
    const first = one ?? (await choose(t("Compare: the first experiment"), lines));
    if (!first) return;
    const others = lines.filter(({ experiment }) => experiment.folder !== first.folder);
    const second = await choose(t("Compare: the second experiment"), others);
    if (second) comparisonPanels.open([first, second]);
  }

  /** Moves it to the trash after a question; the list is there again without it. */
  async function discard(experiment: PastExperiment): Promise<void> {
    const { folder, report } = experiment;
    const { concept, model, recorded } = report;
    const which = [t("{0} names", count(recorded.total)), concept.name, model.name, dateOf(experiment)].join(" · ");
    const detail = t(
      "{0}. Its edits and its report in {1} are deleted, into the trash where there is one.",
      which,
      folder,
    );
    if (!(await isSure(t("Delete this experiment?"), detail, t("Delete")))) return show();
    if (await mayGo(folder, t("Delete the experiment for good: {0}?", which))) {
      await deleteExperiment(experiment);
      if (reports.recordedFolder(chosenModel.folder) === folder) await experiments.discard();
    }
    await show();
  }

  return { [Command.showExperiments]: show, [Command.compareExperiments]: () => compare() };
}

/** Name, concept, date, model, parameters and result in three lines; of a long description the end is cut. */
function lineOf(experiment: PastExperiment): Line {
  const { concept, model, layer, recorded, classifier, seed } = experiment.report;
  return {
    label: t("{0} · {1} names", concept.name, count(recorded.total)),
    description: `${dateOf(experiment)} · ${model.name}`,
    detail: t(
      "layer {0}, seed {1} · flipped {2} · test accuracy {3}",
      layer,
      seed,
      percent(recorded.flipped / recorded.total),
      percent(classifier.testAccuracy),
    ),
    experiment,
  };
}

function shippedLine(experiment: PastExperiment): Line {
  return {
    ...lineOf(experiment),
    description: `${t("came with the extension")} · ${experiment.report.model.name}`,
  };
}
