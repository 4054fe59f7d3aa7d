import type { Command } from "commander";
import { checkLayers, layers, layersShard, layersWriters } from "../../engine/tasks/layers.ts";
import { checkOutputs, writeOutputs } from "../../engine/tasks/outputs.ts";
import type { Layers } from "../../protocol/measurements.ts";
import type { Rate } from "../../protocol/results.ts";
import { percent } from "../../text/numbers.ts";
import { engineFor, engineToCheck, type GlobalOptions, print, withProgress } from "../context.ts";
import { type EditFlags, editOptions, formFlag, withoutLayerFlag } from "../editFlags.ts";
import { behindDashes, collect } from "../flags.ts";
import { partOf, submitted, withPiecesFlags } from "../jobsFlags.ts";
import { type NameFlags, nameChoice, withNameFlags } from "../nameFlags.ts";

interface Flags extends GlobalOptions, NameFlags, EditFlags {
  readonly out?: string[];
}

export function sweepCommand(rome: Command): void {
  withPiecesFlags(withoutLayerFlag(withNameFlags(rome.command("sweep"), 8)))
    .description("which layer? the same edits at every layer: success, ‖Δv‖, paraphrase, damage")
    .option(...formFlag)
    .option("--out <file>", "write .json, .html or .svg; may be given several times", collect)
    .action(async (listed: string[], _: unknown, command: Command) => {
      const { own: names, scheduler } = behindDashes(command, listed);
      const flags = command.optsWithGlobals<Flags>();
      await checkOutputs(flags.out, layersWriters);
      const { keep, part } = partOf(command);
      const request = { ...editOptions(flags), ...nameChoice(names, flags), out: flags.out, keep };
      const check = () => withProgress(async (run) => checkLayers(await engineToCheck(flags), request, run));
      if (await submitted(command, scheduler, "sweep", names, check)) return;
      if (part) {
        const params = { ...request, ...part };
        const made = await withProgress(async (run) => layersShard(await engineFor(flags), params, part.shard, run));
        return print(flags, made, () => `Swept ${made.done} of ${made.total} layers into ${part.keep}.`);
      }
      const result = await withProgress(async (run) => layers(await engineFor(flags), request, run));
      print(flags, result, () => layersText(result));
      await writeOutputs(flags.out, result, layersWriters);
    });
}

function layersText({ rows, names, editLayer, key, contexts, seconds }: Layers): string {
  const share = ({ count, total }: Rate) => percent(count / total);
  return [
    `${names.length} edits at each layer, ${key} keys, ${contexts} contexts, ${seconds.toFixed(1)} s`,
    "layer   success  paraphrase  neighbours changed  KL elsewhere  ‖Δv‖/‖v‖  evaluations",
    ...rows.map((row) =>
      [
        `${row.layer}${row.layer === editLayer ? " *" : ""}`.padEnd(5),
        share(row.success).padStart(9),
        share(row.paraphrase).padStart(11),
        share(row.damage).padStart(19),
        row.divergence.toFixed(4).padStart(13),
        row.deltaToValue.toFixed(2).padStart(10),
        row.evaluations.toFixed(1).padStart(12),
      ].join(" "),
    ),
    "* the layer this model's edits use",
  ].join("\n");
}
