import { t } from "@vscode/l10n";
import * as v from "valibot";
import * as vscode from "vscode";
import { Command } from "../contributions.ts";
import { EngineError } from "../engine/engineError.ts";
import type { LiveEdit } from "../results/editStore.ts";
import type { Services } from "../services.ts";
import { offerBack } from "../ui/flipBack.ts";
import { askNames, checkNames, originsOf } from "./nameInput.ts";

const flipArgument = v.object({ names: v.array(v.string()) });
const vectorArgument = v.object({
  names: v.optional(v.array(v.string())),
  sign: v.optional(v.picklist([1, -1])),
  scale: v.optional(v.pipe(v.number(), v.gtValue(0))),
});
const completeArgument = v.object({ prompt: v.string() });

type Needs = Pick<
  Services,
  "runner" | "results" | "edits" | "resultsView" | "reports" | "chosenModel" | "names" | "concepts"
>;

/** Commands that ask the model for something and show it as cards. */
export function editCommands({
  runner,
  results,
  edits,
  resultsView,
  reports,
  chosenModel,
  names: known,
  concepts,
}: Needs) {
  const shown = { started: ([id]: string[]) => id && void resultsView.reveal(id) };
  let lastPrompt: string | undefined;

  const sources = () => ({ names: known, cards: results.cards });

  /** The edits on between the answers of the chosen concept, but vectors that leave a name as it was. */
  const liveEdits = () =>
    edits.on.filter(
      ({ from, to, said, says }) => says !== said && [from, to].every((label) => concepts.labels.includes(label)),
    );

  async function flip(argument?: unknown): Promise<void> {
    const given = v.safeParse(flipArgument, argument);
    const title = concepts.file === undefined ? t("Flip Gender") : t("Flip Name");
    const question = { title, placeholder: t("A name, or several with commas between them") };
    const names = given.success ? checkNames(given.output.names) : await askNames(question, sources());
    if (!names) return;
    const { concept } = concepts;
    const made = (name: string) => concept && runner.flipped(name, concept);
    await once(names, liveEdits(), made, (rest) => runner.flip(rest, {}, { ...shown, origins: originsOf(rest) }));
  }

  /**
   * Makes what is not there, switches on what is made but off, and offers to switch off what is on: made once more, each
   * would be the same edit again.
   */
  async function once(
    names: readonly string[],
    live: readonly LiveEdit[],
    made: (name: string) => LiveEdit | undefined,
    make: (rest: string[]) => Promise<unknown>,
  ): Promise<void> {
    const missing = names.filter((name) => !live.some((edit) => edit.name === name));
    const there = missing.flatMap((name) => made(name) ?? []);
    const rest = missing.filter((name) => !there.some((edit) => edit.name === name));
    const ids = there.map(({ id }) => id);
    edits.set(ids, true);
    const back = live.filter(({ name }) => names.includes(name));
    await Promise.all([rest.length > 0 ? make(rest) : shown.started(ids), offerBack(back, edits)]);
  }

  async function applyVector(argument?: unknown): Promise<void> {
    const { report } = reports;
    if (!report) {
      throw new EngineError(
        "input",
        t('There is no vector for this model and concept yet; run "ROME: Record Experiment" first.'),
      );
    }
    const parsed = v.safeParse(vectorArgument, argument);
    const given = parsed.success ? parsed.output : {};
    const question = { title: t("Apply Vector"), placeholder: t("A name, or several with commas between them") };
    const names = given.names ? checkNames(given.names) : await askNames(question, sources());
    if (!names) return;
    const { scale = report.vector.scale ?? 1, sign } = given;
    const same = liveEdits().filter(
      (edit) =>
        edit.scale !== undefined &&
        Math.abs(edit.scale) === scale &&
        (sign === undefined || Math.sign(edit.scale) === sign),
    );
    const { concept } = concepts;
    const made = (name: string) => concept && runner.applied(name, concept, { scale, sign, since: reports.written });
    await once(names, same, made, (rest) => runner.apply(rest, scale, sign, { ...shown, origins: originsOf(rest) }));
  }

  async function completePrompt(argument?: unknown): Promise<void> {
    const given = v.safeParse(completeArgument, argument);
    const prompt = given.success ? given.output.prompt : await askPrompt(lastPrompt ?? suggestPrompt());
    if (prompt === undefined) return;
    lastPrompt = prompt;
    await runner.complete(prompt, shown);
  }

  /** Switches all edits off; they come back with Undo. */
  async function undoAll(): Promise<void> {
    const count = edits.on.length;
    const ids = edits.undoAll();
    if (count === 0) return;
    const undo = t("Undo");
    if ((await vscode.window.showInformationMessage(t("Edits switched off: {0}.", count), undo)) === undo)
      edits.set(ids, true);
  }

  function suggestPrompt(): string {
    const name = edits.on[0]?.name ?? "Ben";
    return (chosenModel.description?.defaults.concept.prompt ?? "Name: {}. Gender:").replace("{}", name);
  }

  return {
    [Command.flip]: flip,
    [Command.flipName]: flip,
    [Command.applyVector]: applyVector,
    [Command.completePrompt]: completePrompt,
    [Command.undoAll]: undoAll,
  };
}

async function askPrompt(value: string): Promise<string | undefined> {
  return vscode.window.showInputBox({
    ignoreFocusOut: true,
    title: t("Complete Prompt"),
    prompt: t("The model continues this text, with the edits that are on"),
    value,
    validateInput: (text) => (text.trim() === "" ? t("Type a text to continue.") : undefined),
  });
}
