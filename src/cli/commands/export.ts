import type { Command } from "commander";
import { exportModel } from "../../engine/tasks/exportModel.ts";
import { exportVectors } from "../../engine/tasks/exportVectors.ts";
import { RomeError } from "../../protocol/errors.ts";
import { byteCount } from "../../text/amounts.ts";
import { engineFor, type GlobalOptions, print, withProgress } from "../context.ts";
import { noteOn } from "./edits.ts";

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
  const { out } = flags;
  await noteOn(files);
  const { edits, ...done } = await withProgress(async (run) =>
    exportModel(await engineFor(flags), { files, out }, run),
  );
  print(flags, done, () =>
    [
      `${done.folder} is the model with ${edits === 1 ? "1 edit" : `${edits} edits`} in ${done.changed.join(", ")}.`,
      `${byteCount(done.written)} written, ${byteCount(done.linked)} shared with the source by links.`,
      `Use it with: rome --model ${done.folder} …, or transformers' from_pretrained.`,
    ].join("\n"),
  );
}

async function vectors(flags: Flags): Promise<void> {
  const dataset = flags.vectors === true ? undefined : flags.vectors;
  const { folder, files } = await exportVectors(await engineFor(flags), { dataset, out: flags.out });
  print(flags, { folder, files }, () => `Written into ${folder}: ${files.join(", ")}.`);
}
