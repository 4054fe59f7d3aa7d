import { t } from "@vscode/l10n";
import * as v from "valibot";
import * as vscode from "vscode";
import { type RecordOptions, recordOptions } from "../../protocol/editOptions.ts";
import { labTab } from "../../protocol/lab.ts";
import { duration } from "../../text/amounts.ts";
import { count } from "../../text/numbers.ts";
import { Command, View } from "../contributions.ts";
import { hasSlurm } from "../experiment/cluster.ts";
import type { RecordingPlan } from "../experiment/experiments.ts";
import type { Services } from "../services.ts";
import { namesUri } from "../ui/shippedNames.ts";
import { askPlace } from "./jobInput.ts";
import { nameAtCursor } from "./nameInput.ts";

const labArgument = v.object({
  name: v.optional(v.string()),
  cardId: v.optional(v.string()),
  tab: v.optional(v.fallback(labTab, "flip")),
});
const jobArgument = v.object({ work: v.object({ folder: v.string() }) });

type Needs = Pick<
  Services,
  | "lab"
  | "labPanel"
  | "results"
  | "experiments"
  | "cluster"
  | "concepts"
  | "chosenModel"
  | "namesFile"
  | "names"
  | "models"
  | "errors"
>;

/** Commands of the lab, the experiment and its names. */
export function experimentCommands(services: Needs) {
  const { lab, labPanel, results, experiments, cluster, concepts, chosenModel, namesFile, names, models, errors } =
    services;

  async function openLab(argument?: unknown): Promise<void> {
    const given = v.safeParse(labArgument, argument);
    const { name, cardId, tab } = given.success ? given.output : {};
    // The form needs the model's defaults; the engine starts while the panel opens.
    const described = errors.guard(() => models.describe());
    labPanel.open({ tab, name: name ?? (cardId === undefined ? nameAtCursor(names) : undefined) });
    const card = cardId === undefined ? undefined : results.find(cardId);
    if (card?.kind !== "flip") return;
    await described;
    labPanel.open({ tab: "flip", request: lab.requestOf(card) });
  }

  /**
   * Records after the user has seen what it will be; a file that is refused changes nothing.
   *
   * @param asked a names file, or how to record the chosen one
   */
  async function record(asked?: unknown): Promise<void> {
    const isFile = asked instanceof vscode.Uri;
    const given = v.safeParse(recordOptions, isFile ? {} : asked);
    const options = given.success ? given.output : {};
    const path = isFile ? asked.fsPath : namesFile.ownPath;
    // What was confirmed when it began needs no second question.
    if (experiments.goesOn(path, options)) return run(path, options);
    const plan = await experiments.plan(path, options);
    const label = path?.split(/[\\/]/).at(-1) ?? t("the names that come with the extension");
    const place = hasSlurm() ? await askPlace() : "here";
    if (place === undefined) return;
    const choice = await confirm(plan, label, lastFlip());
    if (choice === undefined) return;
    if (choice === "anew") await experiments.remove(plan.folder);
    if (path !== namesFile.ownPath) await namesFile.choose(path);
    if (place !== "here") {
      const concept = concepts.file;
      const work = { model: chosenModel.folder, folder: plan.folder, ...(concept !== undefined && { concept }) };
      await cluster.submit(work, path, place, options);
      return vscode.commands.executeCommand(`${View.jobs}.focus`);
    }
    labPanel.open({ tab: "experiment" });
    await run(path, options);
  }

  /** Seconds that the last flip by the open model took. */
  function lastFlip(): number | undefined {
    const fingerprint = chosenModel.description?.model.fingerprint;
    for (const card of results.cards)
      if (card.kind === "flip" && card.body.state === "done" && card.model?.fingerprint === fingerprint)
        return card.body.result.view.seconds;
    return undefined;
  }

  async function run(path: string | undefined, options: RecordOptions): Promise<void> {
    const done = await experiments.record(path, options);
    if (!done || labPanel.visible) return;
    const open = t("Open Report");
    const said = t("The experiment is recorded.");
    if ((await vscode.window.showInformationMessage(said, open)) === open) labPanel.open({ tab: "experiment" });
  }

  async function stop(): Promise<void> {
    if (!experiments.isRunning) return;
    const [cancel, openLab] = [t("Cancel Recording"), t("Open Lab")];
    const question = t("The experiment is being recorded. What is done is kept when you cancel.");
    const answer = await vscode.window.showInformationMessage(question, cancel, openLab);
    if (answer === cancel) experiments.cancel();
    else if (answer === openLab) labPanel.open({ tab: "experiment" });
  }

  async function cancelJobs(node?: unknown): Promise<void> {
    const given = v.safeParse(jobArgument, node);
    const folder = given.success ? given.output.work.folder : cluster.works[0]?.folder;
    if (folder === undefined) return;
    const cancel = t("Cancel Jobs");
    const question = t("Cancel the jobs of {0}? What is recorded is kept.", folder);
    if ((await vscode.window.showWarningMessage(question, { modal: true }, cancel)) === cancel)
      await cluster.cancel(folder);
  }

  return {
    [Command.refreshJobs]: () => cluster.refresh(),
    [Command.cancelJobs]: cancelJobs,
    [Command.openLab]: openLab,
    [Command.record]: record,
    [Command.stopRecording]: stop,
    [Command.openNames]: async () => {
      await vscode.window.showTextDocument(namesUri(namesFile), { preview: false });
    },
  };
}

/**
 * Shows how many names, how long the edits and the vector's trial take, and where to.
 *
 * @param flip seconds of a flip, by which a first recording is judged: names of a batch share what one alone pays for
 */
async function confirm(
  plan: RecordingPlan,
  label: string,
  flip: number | undefined,
): Promise<"record" | "anew" | undefined> {
  const { names, seconds, trial, folder, kept } = plan;
  const [start, goOn, anew] = [t("Record"), t("Go On"), t("Start Anew")];
  const facts = [
    seconds !== null
      ? t("The edits take about {0} on this machine.", duration(seconds))
      : flip !== undefined
        ? t("By the last flip the edits take at most about {0} on this machine.", duration(flip * names))
        : t("How long the edits take is told as soon as the first names are done."),
    trial.seconds !== null
      ? t(
          "Then the vector is tried on {0} new names, which takes about {1}.",
          count(trial.names),
          duration(trial.seconds),
        )
      : t("Then the vector is tried on {0} new names, which may take longer than the edits.", count(trial.names)),
    kept === "all" ? t("All of it is recorded already; to go on makes its analysis anew.") : "",
    kept === "part" ? t("Part of it is recorded already.") : "",
    t("The edits are kept in {0}.", folder),
    t("It can be cancelled at any time; what is done is kept, and can be discarded."),
  ];
  const detail = facts.filter((fact) => fact !== "").join("\n");
  const question = t("Record {0} names of {1}?", count(names), label);
  const choices = kept === "nothing" ? [start] : [goOn, anew];
  const answer = await vscode.window.showInformationMessage(question, { modal: true, detail }, ...choices);
  if (answer === undefined) return undefined;
  return answer === anew ? "anew" : "record";
}
