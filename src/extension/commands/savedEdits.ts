import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import type { Call, Params } from "../../protocol/engine.ts";
import { byteCount } from "../../text/amounts.ts";
import { Command } from "../contributions.ts";
import { EngineError } from "../engine/engineError.ts";
import type { LiveEdit } from "../results/editStore.ts";
import { savedEdits } from "../results/savedEdits.ts";
import type { Services } from "../services.ts";
import { saveDialog } from "../ui/files.ts";

type Needs = Pick<Services, "engine" | "models" | "edits" | "results">;

const leastShownMs = 1000;
/** Names that a plan tells one by one. */
const mostNames = 8;

/** Commands that take edits out of the editor: as a file, and as an edited model. */
export function savedEditCommands({ engine, models, edits, results }: Needs) {
  /** Writes edits as a file; says which cannot be written. */
  async function save(chosen: readonly LiveEdit[]): Promise<void> {
    const { saved, leftOut } = await savedEdits(chosen, results, engine);
    if (saved.length === 0) throw new EngineError("input", t("A vector that is on has no edit file; flips have."));
    const name = chosen.length === 1 ? chosen[0]?.name : "edits";
    const file = await saveDialog(`${name}.romedit`, { [t("Edit files")]: ["romedit"] });
    if (!file) return;
    await engine.request("saveEdits", { file: file.fsPath, edits: saved });
    const open = t("Open");
    const held =
      saved.length === 1
        ? t("Saved 1 edit in {0}.", basename(file.fsPath))
        : t("Saved {0} edits in {1}.", saved.length, basename(file.fsPath));
    const said = [held, ...remark(leftOut)].join(" ");
    if ((await vscode.window.showInformationMessage(said, open)) === open)
      await vscode.commands.executeCommand("vscode.open", file);
  }

  /** Writes the model with the edits that are on, after its plan was seen. */
  async function exportModel(): Promise<void> {
    const { saved, leftOut } = await savedEdits(edits.on, results, engine);
    if (saved.length === 0) throw new EngineError("input", t("No edit is on that can be written into a model."));
    const [parent] =
      (await vscode.window.showOpenDialog({
        title: t("Export Edited Model: the folder to make it in"),
        canSelectFiles: false,
        canSelectFolders: true,
      })) ?? [];
    if (!parent) return;
    const { model } = await models.describe();
    const out = freePath(join(parent.fsPath, `${model.name.replaceAll("/", "-")}-edited`));
    const done = await withFile(saved, async (file) => {
      const plan = await engine.request("planExport", { files: [file], out });
      const detail = [
        t("It is made in {0}, as a Hugging Face folder.", out),
        ...whatGoesWhere(saved),
        plan.linked > 0
          ? t("About {0} are written, {1} shared by links with the files of the model.", ...sizesOf(plan))
          : t("About {0} are written.", byteCount(plan.written)),
        ...remark(leftOut),
      ].join("\n");
      const start = t("Export");
      const question = t("Export {0} with its edits?", model.name);
      const answer = await vscode.window.showInformationMessage(question, { modal: true, detail }, start);
      return answer === start ? run(file, out) : undefined;
    });
    if (!done) return;
    const useIt = t("Use It");
    const said =
      done.linked > 0
        ? t("{0} is exported: {1} written, {2} shared.", basename(out), ...sizesOf(done))
        : t("{0} is exported: {1} written.", basename(out), byteCount(done.written));
    if ((await vscode.window.showInformationMessage(said, useIt)) === useIt) await models.use(done.folder);
  }

  function run(file: string, out: string) {
    const options = {
      location: vscode.ProgressLocation.Notification,
      cancellable: true,
      title: t("Exporting the model"),
    };
    return vscode.window.withProgress(options, (progress, token) => {
      const abort = new AbortController();
      token.onCancellationRequested(() => abort.abort());
      let shown = 0;
      const call: Call = {
        signal: abort.signal,
        progress: ({ done, total }) => {
          const share = total > 0 ? (100 * done) / total : 0;
          progress.report({ increment: Math.max(0, share - shown) });
          shown = share;
        },
      };
      const work = engine.request("exportModel", { files: [file], out }, call);
      // The window shows no progress for less than this, and what is said of the end would stand over it.
      return Promise.all([work, setTimeout(leastShownMs)]).then(([done]) => done);
    });
  }

  /** The edits as a file for as long as `work` takes. */
  async function withFile<T>(saved: Params<"saveEdits">["edits"], work: (file: string) => Thenable<T>): Promise<T> {
    const folder = await mkdtemp(join(tmpdir(), "rome-edits-"));
    try {
      const file = join(folder, "edits.romedit");
      await engine.request("saveEdits", { file, edits: saved });
      return await work(file);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  return {
    [Command.saveEdit]: async (edit?: LiveEdit) => {
      if (edit) await save([edit]);
    },
    [Command.saveEdits]: () => save(edits.on),
    [Command.exportModel]: exportModel,
  };
}

/** A path where nothing is yet: this one, or the first of it with -2, -3, … that is free. */
function freePath(path: string): string {
  let free = path;
  for (let n = 2; existsSync(free); n++) free = `${path}-${n}`;
  return free;
}

/** A sentence for each layer: which edits go into its matrix. */
function whatGoesWhere(saved: Params<"saveEdits">["edits"]): string[] {
  const layers = [...new Set(saved.map(({ entry }) => entry.layer))].sort((a, b) => a - b);
  return layers.map((layer) => {
    const names = saved.filter(({ entry }) => entry.layer === layer).map(({ entry }) => entry.name);
    const shown = listed(names);
    return names.length === 1
      ? t("1 edit ({0}) is written into the MLP output matrix of layer {1}.", shown, layer)
      : t("{0} edits ({1}) are written into the MLP output matrix of layer {2}.", names.length, shown, layer);
  });
}

/** Names with commas between them; of many the first. */
function listed(names: readonly string[]): string {
  return [...names.slice(0, mostNames), ...(names.length > mostNames ? ["…"] : [])].join(", ");
}

function sizesOf({ written, linked }: { written: number; linked: number }): [string, string] {
  return [byteCount(written), byteCount(linked)];
}

function remark(leftOut: readonly string[]): string[] {
  return leftOut.length === 0 ? [] : [t("Left out, because they write the vector: {0}.", leftOut.join(", "))];
}
