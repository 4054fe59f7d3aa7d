import type { Command } from "commander";
import { exportControlVector } from "../../engine/tasks/exportControlVector.ts";
import { exportModel } from "../../engine/tasks/exportModel.ts";
import { exportVectors } from "../../engine/tasks/exportVectors.ts";
import { RomeError } from "../../protocol/errors.ts";
import { constructions, scaleRange } from "../../protocol/steer.ts";
import { byteCount } from "../../text/amounts.ts";
import { shellWord } from "../../text/shell.ts";
import { engineFor, type GlobalOptions, print, withProgress } from "../context.ts";
import { given, oneOf, refuseGiven, vectorScale, wholeNumber } from "../flags.ts";
import { noteOn } from "./edits.ts";

interface Flags extends GlobalOptions {
  readonly edits?: string[];
  readonly vectors?: string | true;
  readonly controlVector?: string;
  readonly vector?: string;
  readonly construction?: string;
  readonly layer?: string;
  readonly scale: string;
  readonly out?: string;
}

export function exportCommand(rome: Command): void {
  rome
    .command("export")
    .description("write an edited model as a Hugging Face folder, or an experiment's vectors for other programs")
    .option("--edits <files...>", ".romedit files whose edits go into the weights")
    .option("--vectors [folder]", "data set whose Δv and gender vector are written (default: the shipped one)")
    .option("--control-vector <file>", "GGUF file to write, for llama.cpp's --control-vector")
    .option("--vector <path>", "of --control-vector: data set, .npy or .safetensors (default: the data set at hand)")
    .option("--construction <way>", `of a data set's vector: ${constructions.join(", ")} (default: sign)`)
    .option("--layer <l>", "of --control-vector (default: the data set's)")
    .option("--scale <s>", `of --control-vector: ${scaleRange.join(" to ")}, not 0; +1 is the essay's length`, "1")
    .option("--out <folder>", "folder to make, for --edits and --vectors")
    .action(async (_: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>();
      const { edits, vectors: dataset, controlVector: file, out } = flags;
      if ([edits, dataset, file].filter((choice) => choice !== undefined).length !== 1)
        throw new RomeError(
          "input",
          "Say what to export: --edits FILES for an edited model, --vectors for Δv, or --control-vector FILE.",
        );
      if (file !== undefined) {
        refuseGiven(command, ["out"], "has no meaning with --control-vector, which names its file");
        return controlVector(flags, file);
      }
      refuseGiven(command, ["vector", "construction", "layer", "scale"], "is for --control-vector");
      if (out === undefined) throw new RomeError("input", "Name the folder to make with --out.");
      await (edits ? model(flags, edits, out) : vectors(flags, out));
    });
}

async function model(flags: Flags, files: readonly string[], out: string): Promise<void> {
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

async function vectors(flags: Flags, out: string): Promise<void> {
  const dataset = flags.vectors === true ? undefined : flags.vectors;
  const { folder, files } = await exportVectors(await engineFor(flags), { dataset, out });
  print(flags, { folder, files }, () => `Written into ${folder}: ${files.join(", ")}.`);
}

async function controlVector(flags: Flags, out: string): Promise<void> {
  const request = {
    out,
    from: flags.vector,
    construction: given(flags.construction, (text) => oneOf(text, "--construction", constructions)),
    layer: given(flags.layer, (text) => wholeNumber(text, "--layer", 0)),
    scale: vectorScale(flags.scale),
  };
  const { file, layer, source, ...done } = await exportControlVector(await engineFor(flags), request);
  const from = flags.vector === undefined ? "" : ` --vector ${shellWord(flags.vector)}`;
  const way = flags.construction === undefined ? "" : ` --construction ${flags.construction}`;
  print(flags, { file, layer, source, scale: request.scale, ...done }, () =>
    [
      `${file} holds ${request.scale} × ${source}, to be added to the stream of every token after block ${layer}.`,
      done.runsInLlamaCpp
        ? `Use it with: llama-cli --control-vector ${shellWord(file)} …`
        : `llama.cpp does not run ${done.family} models: nothing there can load it for this one.`,
      `Here the same is: rome steer --at all --scale ${request.scale}${from}${way} --layer ${layer} --prompt …`,
    ].join("\n"),
  );
}
