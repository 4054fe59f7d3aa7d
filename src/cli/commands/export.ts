import { join } from "node:path";
import type { Command } from "commander";
import { writeEditFile } from "../../engine/edits/editFile.ts";
import { identityOf, requireFitting } from "../../engine/edits/editSet.ts";
import { exportModel } from "../../engine/export/exportModel.ts";
import { exportVectors } from "../../engine/export/exportVectors.ts";
import { byteCount } from "../../engine/files/diskSpace.ts";
import { RomeError } from "../../engine/run/errors.ts";
import { assetsFolder, engineFor, type GlobalOptions, print, withProgress } from "../context.ts";
import { readSets } from "./edits.ts";

interface Flags extends GlobalOptions {
  readonly edits?: string[];
  readonly vectors?: string | true;
  readonly out: string;
}

export function exportCommand(rome: Command): void {
  rome
    .command("export")
    .description("write an edited model as a Hugging Face folder, or an experiment's vectors for other programs")
    .option("--edits <files...>", ".romedit files whose edits go into the weights")
    .option("--vectors [folder]", "data set whose Δv and gender vector are written (default: the shipped one)")
    .requiredOption("--out <folder>", "folder to make")
    .action(async (_: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>();
      if ((flags.edits === undefined) === (flags.vectors === undefined))
        throw new RomeError("input", "Say what to export: --edits FILES for an edited model, or --vectors for Δv.");
      await (flags.edits ? model(flags, flags.edits) : vectors(flags));
    });
}

async function model(flags: Flags, files: readonly string[]): Promise<void> {
  const set = await readSets(files);
  const done = await withProgress(async ({ signal, progress }) => {
    const { rome: opened, name } = await (await engineFor(flags)).open();
    requireFitting(set, identityOf(opened.model, name), files.join(", "));
    const live = set.edits.map(({ entry, u, r }) => ({ layer: entry.layer, u, r }));
    const onProgress = (done: number, total: number) => progress({ phase: "export", done, total });
    return exportModel(opened.model, live, flags.out, { signal, onProgress });
  });
  // So that whoever has the folder can see what was done to it.
  await writeEditFile(join(done.folder, "edits.romedit"), set);
  print(flags, done, () =>
    [
      `${done.folder} is the model with ${set.edits.length === 1 ? "1 edit" : `${set.edits.length} edits`} in ${done.changed.join(", ")}.`,
      `${byteCount(done.written)} written, ${byteCount(done.linked)} shared with the source by links.`,
      `Use it with: rome --model ${done.folder} …, or transformers' from_pretrained.`,
    ].join("\n"),
  );
}

async function vectors(flags: Flags): Promise<void> {
  const folder =
    flags.vectors === true ? join(assetsFolder, "models", "embedded", "experiment") : (flags.vectors as string);
  const files = await exportVectors(folder, flags.out);
  print(flags, { folder: flags.out, files }, () => `Written into ${flags.out}: ${files.join(", ")}.`);
}
