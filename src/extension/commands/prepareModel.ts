import { readFile } from "node:fs/promises";
import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import type { Description } from "../../protocol/engine.ts";
import type { PreparationPlan, Step } from "../../protocol/preparation.ts";
import { byteCount, roughly } from "../../text/amounts.ts";
import { Command, preparationPanelType } from "../contributions.ts";
import type { Services } from "../services.ts";
import { callOf } from "./callOf.ts";

type Needs = Pick<Services, "models" | "modelsTree" | "engine">;
type Choice = vscode.QuickPickItem & { readonly step: Step };

/** What each step is called. */
const titles: Readonly<Record<Step, () => string>> = {
  known: () => t("What the model knows"),
  forms: () => t("How it writes the labels"),
  contexts: () => t("Prefix contexts"),
  layers: () => t("The layer"),
  covariance: () => t("The covariance of its keys"),
  tune: () => t("The optimiser's numbers"),
};

/** Finds what edits of the chosen model rest on, once the user has seen what that takes. */
export function modelPreparation({ models, modelsTree, engine }: Needs) {
  const options = { location: vscode.ProgressLocation.Notification, cancellable: true };

  async function prepare(): Promise<void> {
    const { model } = await models.describe();
    const planning = { ...options, title: t("Measuring what preparing {0} takes", model.name) };
    const plan = await vscode.window.withProgress(planning, (_, token) =>
      engine.request(
        "planPreparation",
        {},
        callOf(token, () => {}),
      ),
    );
    const skip = await askSteps(plan);
    if (!skip) return;
    const title = t("Preparing {0}", model.name);
    const found = await vscode.window.withProgress({ ...options, title }, (progress, token) => {
      const call = callOf(token, ({ phase, done, total }) => {
        const step = titles[phase as Step]?.();
        if (step) progress.report({ message: total > 0 ? t("{0}: {1} of {2}", step, done, total) : step });
      });
      return engine.request("prepare", { skip }, call);
    });
    await models.reopen();
    modelsTree.refresh();
    const why = t("Show Why");
    const done = t("{0} is prepared: its edits use layer {1}.", model.name, found.layer);
    if ((await vscode.window.showInformationMessage(done, why)) === why)
      await showPage(found.page, t("Why {0} is prepared so", model.name));
  }

  /** For a model whose layer nobody has looked for; nobody waits for the answer. */
  function offer({ model, defaults }: Description): void {
    if (defaults.origin !== "default") return;
    const start = t("Prepare Model…");
    const question = t(
      "Nobody has published a layer or numbers for {0}. Preparing it finds them, and tells whether it knows what edits are about.",
      model.name,
    );
    void vscode.window.showInformationMessage(question, start).then((answer) => {
      if (answer === start) void vscode.commands.executeCommand(Command.prepareModel);
    });
  }

  return { prepare, offer };
}

/** The steps to leave out; undefined where the user thinks better of it. */
async function askSteps({ steps, seconds, bytes, replaces }: PreparationPlan): Promise<Step[] | undefined> {
  const items = steps.map(
    ({ step, state, seconds, bytes }): Choice => ({
      step,
      label: titles[step](),
      description: state === "done" ? t("done") : amount(seconds, bytes),
      picked: true,
    }),
  );
  const goesOn = t("Steps to take; it can be stopped and goes on from there");
  const chosen = await vscode.window.showQuickPick(items, {
    title: t("Prepare Model: {0} (the time may be half or twice that)", amount(seconds, bytes)),
    placeHolder:
      replaces === undefined ? goesOn : t("{0}. It takes the place of the preparation for {1}", goesOn, replaces),
    canPickMany: true,
    ignoreFocusOut: true,
  });
  return chosen && steps.map(({ step }) => step).filter((step) => !chosen.some((item) => item.step === step));
}

/** Shows a page of the engine's in the editor: what shows the workbench may be a browser on another machine. */
async function showPage(path: string, title: string): Promise<void> {
  const html = await readFile(path, "utf8");
  const options = { enableScripts: true, localResourceRoots: [] };
  vscode.window.createWebviewPanel(preparationPanelType, title, vscode.ViewColumn.Active, options).webview.html = html;
}

function amount(seconds: number, bytes: number): string {
  const time = t("about {0}", roughly(seconds));
  return bytes > 0 ? t("{0}, up to {1} of disk", time, byteCount(bytes)) : time;
}
