import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import type { ConceptEntry } from "../concepts/concepts.ts";
import { Command } from "../contributions.ts";
import { EngineError } from "../engine/engineError.ts";
import type { Services } from "../services.ts";
import { makeConcept } from "./newConcept.ts";

type Needs = Pick<
  Services,
  | "concepts"
  | "conceptInForce"
  | "engine"
  | "models"
  | "chosenModel"
  | "names"
  | "namesFile"
  | "reports"
  | "experiments"
>;

/** Commands on what everything is about. */
export function conceptCommands(services: Needs) {
  const { concepts, conceptInForce, experiments } = services;

  async function choose(): Promise<void> {
    const entries = await concepts.list();
    const items = entries.map((entry) => ({
      label: entry.concept?.name ?? entry.file,
      description: entry.concept?.targets.map(({ label }) => label).join(" ↔ ") ?? t("cannot be used"),
      detail: entry.concept?.prompt ?? entry.problem,
      entry,
    }));
    const options = { title: t("Choose Concept"), placeHolder: t("What a flip changes"), matchOnDescription: true };
    const picked = await vscode.window.showQuickPick(items, options);
    if (picked) await use(picked.entry);
  }

  async function use(entry: ConceptEntry): Promise<void> {
    if (!entry.concept) return open(entry);
    if (!concepts.isChosen(entry)) await switchTo(entry.file);
  }

  async function switchTo(file: string): Promise<void> {
    if (experiments.isRunning)
      throw new EngineError("input", t("The experiment is being recorded. Cancel it, or wait for its end, first."));
    await conceptInForce.choose(file);
    vscode.window.setStatusBarMessage(t("Everything is about {0} now.", concepts.concept?.name ?? ""), 4000);
  }

  async function open({ file, shipped }: ConceptEntry): Promise<void> {
    if (!shipped) return void (await vscode.window.showTextDocument(vscode.Uri.file(file)));
    // The shipped files are shown as a text of their own: they are copied, not written.
    const text = await vscode.workspace.fs.readFile(vscode.Uri.file(file));
    const content = new TextDecoder().decode(text);
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ content, language: "json" }));
  }

  return {
    [Command.chooseConcept]: choose,
    [Command.newConcept]: async () => {
      const file = await makeConcept(services);
      if (!file) return;
      await vscode.window.showTextDocument(vscode.Uri.file(file));
      await switchTo(file);
    },
    [Command.useConcept]: (entry?: ConceptEntry) => (entry ? use(entry) : choose()),
    [Command.openConcept]: async (entry?: ConceptEntry) => {
      if (entry) await open(entry);
    },
  };
}
