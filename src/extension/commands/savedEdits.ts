import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
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
    const said = [t("Saved {0}.", basename(file.fsPath)), ...remark(leftOut)].join(" ");
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
    const out = join(parent.fsPath, `${model.name.replaceAll("/", "-")}-edited`);
    const layers = [...new Set(saved.map(({ entry }) => entry.layer))].sort((a, b) => a - b).join(", ");
    const detail = [
      t("It is made in {0}, as a Hugging Face folder.", out),
      t("Edits: {0}. They change one matrix each of layer {1}; all other weights stay.", saved.length, layers),
      t("Files that do not change are shared by links where the disk can."),
      ...remark(leftOut),
    ].join("\n");
    const start = t("Export");
    const question = t("Export {0} with its edits?", model.name);
    if ((await vscode.window.showInformationMessage(question, { modal: true, detail }, start)) !== start) return;
    const done = await withFile(saved, (file) => run(file, out));
    const useIt = t("Use It");
    const said = t(
      "{0} is exported: {1} written, {2} shared.",
      basename(out),
      byteCount(done.written),
      byteCount(done.linked),
    );
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
        progress: ({ phase, done, total }) => {
          const share = total > 0 ? (100 * done) / total : 0;
          progress.report({ message: phase, increment: Math.max(0, share - shown) });
          shown = share;
        },
      };
      return engine.request("exportModel", { files: [file], out }, call);
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

function remark(leftOut: readonly string[]): string[] {
  return leftOut.length === 0 ? [] : [t("Left out, because they write the vector: {0}.", leftOut.join(", "))];
}
