import type { Command } from "commander";
import { layersHtml, layersSvg } from "../../engine/evaluate/layersHtml.ts";
import type { Layers } from "../../protocol/measurements.ts";
import { engineFor, type GlobalOptions, print, wholeNumber, withProgress } from "../context.ts";
import { type EditFlags, editOptions, withEditFlags } from "../editFlags.ts";
import { percent } from "../format.ts";
import { chooseNames, type NameFlags, withNameFlags } from "../nameFlags.ts";
import { checkOutputs, collect, type Writers, writeOutputs } from "../outputs.ts";

interface Flags extends GlobalOptions, NameFlags, EditFlags {
  readonly out?: string[];
}

const writers: Writers<Layers> = {
  ".json": (layers) => `${JSON.stringify(layers, null, 1)}\n`,
  ".html": layersHtml,
  ".svg": layersSvg,
};

export function sweepCommand(rome: Command): void {
  withEditFlags(withNameFlags(rome.command("sweep"), 8))
    .description("which layer? the same edits at every layer: success, ‖Δv‖, paraphrase, damage")
    .option("--out <file>", "write .json, .html or .svg; may be given several times", collect)
    .action(async (listed: string[], _: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>();
      checkOutputs(flags.out ?? [], writers);
      const options = { ...(await editOptions(flags)), layer: undefined };
      const seed = wholeNumber(flags.seed, "--seed", 0);
      const result = await withProgress(async (run) => {
        const engine = await engineFor(flags);
        return engine.layers({ names: await chooseNames(listed, flags, engine.concept), seed, ...options }, run);
      });
      await writeOutputs(flags.out ?? [], result, writers);
      print(flags, result, () => layersText(result));
    });
}

function layersText({ rows, names, editLayer, key, contexts, seconds }: Layers): string {
  const share = ({ changed, total }: { changed: number; total: number }) => percent(changed / Math.max(1, total));
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
