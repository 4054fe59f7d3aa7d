import type { Command } from "commander";
import { layers, layersWriters } from "../../engine/tasks/layers.ts";
import { writeOutputs } from "../../engine/tasks/outputs.ts";
import type { Layers } from "../../protocol/measurements.ts";
import type { Rate } from "../../protocol/results.ts";
import { percent } from "../../text/numbers.ts";
import { engineFor, type GlobalOptions, print, withProgress } from "../context.ts";
import { type EditFlags, editOptions, formFlag, withoutLayerFlag } from "../editFlags.ts";
import { collect } from "../flags.ts";
import { type NameFlags, nameChoice, withNameFlags } from "../nameFlags.ts";

interface Flags extends GlobalOptions, NameFlags, EditFlags {
  readonly out?: string[];
}

export function sweepCommand(rome: Command): void {
  withoutLayerFlag(withNameFlags(rome.command("sweep"), 8))
    .description("which layer? the same edits at every layer: success, ‖Δv‖, paraphrase, damage")
    .option(...formFlag)
    .option("--out <file>", "write .json, .html or .svg; may be given several times", collect)
    .action(async (listed: string[], _: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>();
      const { out } = flags;
      const request = { ...editOptions(flags), ...nameChoice(listed, flags), out };
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
