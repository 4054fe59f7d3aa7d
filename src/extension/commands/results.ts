import { t } from "@vscode/l10n";
import * as v from "valibot";
import * as vscode from "vscode";
import { Command } from "../contributions.ts";
import { subjectOf } from "../results/cards.ts";
import type { LiveEdit } from "../results/editStore.ts";
import { toCsv, toJson, toMarkdown } from "../results/formats.ts";
import type { Services } from "../services.ts";
import { saveDialog, write } from "../ui/files.ts";

const formats = { json: toJson, csv: toCsv, md: toMarkdown };

const switchArgument = v.object({ ids: v.array(v.string()) });

type Needs = Pick<Services, "results" | "runner" | "edits" | "fileEdits">;

/** Commands on the results as a whole, and on an edit of the tree. */
export function resultCommands({ results, runner, edits, fileEdits }: Needs) {
  async function exportResults(): Promise<void> {
    const file = await saveDialog("rome-results.json", {
      JSON: ["json"],
      [t("CSV (flips)")]: ["csv"],
      Markdown: ["md"],
    });
    if (!file) return;
    const extension = file.path.split(".").at(-1) ?? "";
    const format = formats[extension as keyof typeof formats] ?? toJson;
    await write(file, format(results.cards));
  }

  /** Clears what is shown, never an edit that is on; what was cleared comes back with Undo. */
  async function clear(): Promise<void> {
    const cleared = results.cards.filter(({ id }) => !edits.isOn(id));
    const kept = results.cards.length - cleared.length;
    for (const { id } of cleared) runner.cancel(id);
    const done = cleared.filter(({ body }) => body.state !== "running");
    const off = done.filter(({ id }) => edits.all.some((edit) => edit.id === id)).length;
    results.remove(...cleared.map(({ id }) => id));
    if (done.length === 0) {
      if (kept > 0)
        vscode.window.showInformationMessage(t("Nothing to clear: every result that is shown has its edit on."));
      return;
    }
    const undo = t("Undo");
    const said = [
      done.length === 1 ? t("1 result was cleared.") : t("{0} results were cleared.", done.length),
      off === 1
        ? t("With it went 1 edit that was off.")
        : off > 1
          ? t("With them went {0} edits that were off.", off)
          : "",
      kept === 1
        ? t("1 result stays: its edit is on.")
        : kept > 1
          ? t("{0} results stay: their edits are on.", kept)
          : "",
    ];
    const told = said.filter((part) => part !== "").join(" ");
    if ((await vscode.window.showInformationMessage(told, undo)) === undo) edits.restore(...done);
  }

  /** Takes a result away; an edit that goes with it, be it on or off, comes back with Undo. */
  async function remove(id: string): Promise<void> {
    const card = results.find(id);
    const hasEdit = edits.all.some((edit) => edit.id === id);
    const wasOn = edits.isOn(id);
    runner.cancel(id);
    edits.set([id], false);
    results.remove(id);
    if (!card || !hasEdit) return;
    const undo = t("Undo");
    if ((await vscode.window.showInformationMessage(t("Removed: {0}.", subjectOf(card)), undo)) !== undo) return;
    edits.restore(card);
    if (wasOn) edits.set([id], true);
  }

  return {
    [Command.exportResults]: exportResults,
    [Command.clearResults]: clear,
    [Command.removeEdit]: async (edit?: Pick<LiveEdit, "id" | "file">) => {
      if (!edit) return;
      if (edit.file === undefined) {
        await remove(edit.id);
        return;
      }
      edits.set([edit.id], false);
      fileEdits.remove(edit.id);
    },
    [Command.switchOff]: (argument?: unknown) => {
      const given = v.safeParse(switchArgument, argument);
      if (given.success) edits.set(given.output.ids, false);
    },
    [Command.openEditInLab]: async (edit?: LiveEdit) => {
      if (edit) await vscode.commands.executeCommand(Command.openLab, { cardId: edit.id });
    },
  };
}
