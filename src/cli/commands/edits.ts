import type { Command } from "commander";
import { compareEdits } from "../../engine/edits/compare.ts";
import { readEditFile, writeEditFile } from "../../engine/edits/editFile.ts";
import { combine, type EditSet, identityOf, requireFitting, without } from "../../engine/edits/editSet.ts";
import { type Trial, tryEdits } from "../../engine/edits/tryEdits.ts";
import type { EditComparison } from "../../protocol/editFile.ts";
import { engineFor, type GlobalOptions, print, wholeNumber, withProgress } from "../context.ts";
import { percent, proofText } from "../format.ts";
import { collect } from "../outputs.ts";
import { batchEditsCommand } from "./batchEdits.ts";
import { measureEditsCommand } from "./measureEdits.ts";

interface Flags extends GlobalOptions {
  readonly out?: string;
  readonly name: string;
  readonly prompt?: string[];
  readonly maxTokens: string;
}

const files = ["<files...>", ".romedit files, as rome edit --save and rome flip --save write them"] as const;

/** The edits of all files as one set. */
export async function readSets(paths: readonly string[]): Promise<EditSet> {
  return combine(await Promise.all(paths.map(readEditFile)), paths);
}

/** list, apply, diff, combine, undo, batch, measure. */
export function editsCommand(rome: Command): void {
  const edits = rome.command("edits").description("look at, try, compare, join and shorten .romedit files");

  edits
    .command("list")
    .description("what files hold")
    .argument(...files)
    .action(async (paths: string[], _: unknown, command: Command) => {
      const { model, edits: saved } = await readSets(paths);
      const entries = saved.map(({ entry }) => entry);
      print(command.optsWithGlobals<Flags>(), { model, edits: entries }, () =>
        [
          `${entries.length === 1 ? "1 edit" : `${entries.length} edits`} of ${model.name} (${model.architecture}, weights ${model.fingerprint.slice(0, 12)})`,
          ...entries.map(
            ({ name, template, subject, target, layer, method, before, after, health }) =>
              `  ${name}: ${template.replace("{}", subject)} →${target}   layer ${layer}${method === "batch" ? " (batch)" : ""}, ` +
              `P ${percent(before.probability)} → ${percent(after.probability)}, health ${health?.verdict ?? "not judged"}`,
          ),
        ].join("\n"),
      );
    });

  edits
    .command("apply")
    .description("put edits on the model, all together: what it says before, with, and once they are off again")
    .argument(...files)
    .option("--prompt <text>", "ask this instead of each edit's own prompt; may be given several times", collect)
    .option("--max-tokens <n>", "length of the completions", "24")
    .action(async (paths: string[], _: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>();
      const maxTokens = wholeNumber(flags.maxTokens, "--max-tokens", 1);
      const set = await readSets(paths);
      const trials = await withProgress(async ({ signal }) => {
        const { rome: opened, name } = await (await engineFor(flags)).open();
        requireFitting(set, identityOf(opened.model, name), paths.join(", "));
        return tryEdits(opened, set, flags.prompt ?? [], { maxTokens, signal });
      });
      print(flags, trials, () => trials.map(trialText).join("\n"));
    });

  edits
    .command("diff")
    .description("two files side by side: cosines and lengths of Δv and of the updates")
    .argument("<first>", ".romedit file")
    .argument("<second>", ".romedit file")
    .action(async (first: string, second: string, _: unknown, command: Command) => {
      const comparison = compareEdits(await readEditFile(first), await readEditFile(second));
      print(command.optsWithGlobals<Flags>(), comparison, () => comparisonText(comparison, [first, second]));
    });

  edits
    .command("combine")
    .description("join files of the same model into one")
    .argument(...files)
    .requiredOption("--out <file>", ".romedit file to write")
    .action(async (paths: string[], _: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>();
      await rewrite(flags, await readSets(paths), flags.out as string);
    });

  edits
    .command("undo")
    .description("take one edit out of a file; the others of a batch update are solved anew without it")
    .argument("<file>", ".romedit file")
    .requiredOption("--name <name>", "the edit, as rome edits list calls it")
    .option("--out <file>", "write here instead of into the same file")
    .action(async (path: string, _: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>();
      await rewrite(flags, without(await readEditFile(path), flags.name), flags.out ?? path);
    });

  batchEditsCommand(edits);
  measureEditsCommand(edits);
}

async function rewrite(flags: Flags, set: EditSet, file: string): Promise<void> {
  await writeEditFile(file, set);
  const names = set.edits.map(({ entry }) => entry.name);
  print(
    flags,
    { file, edits: names },
    () => `${file} holds ${names.length === 1 ? "1 edit" : `${names.length} edits`}.`,
  );
}

function trialText({ prompt, target, completions, proof }: Trial): string {
  return [
    `${prompt}   (P(target): of${target})`,
    `  before  ${JSON.stringify(completions.before)}`,
    `  with    ${JSON.stringify(completions.with)}`,
    `  off     ${JSON.stringify(completions.removed)}`,
    ...proofText(proof),
  ].join("\n");
}

function comparisonText({ pairs, only, differences }: EditComparison, files: readonly [string, string]): string {
  const cosine = (value: number | null) => (value === null ? "–" : value.toFixed(4));
  return [
    ...(differences.length > 0 ? [`Made for different models: ${differences.join("; ")}`] : []),
    ...pairs.map(
      ({ names: [a, b], layers, deltaCosine, updateCosine, deltaNorms, updateNorms }) =>
        `${a === b ? a : `${a} / ${b}`}: cos Δv ${cosine(deltaCosine)}, cos of the updates ${cosine(updateCosine)}, ` +
        `‖Δv‖ ${deltaNorms.map((norm) => norm.toFixed(2)).join(" / ")}, ‖ruᵀ‖ ${updateNorms.map((norm) => norm.toFixed(2)).join(" / ")}, ` +
        `layer ${layers[0] === layers[1] ? layers[0] : layers.join(" / ")}`,
    ),
    ...only.flatMap((names, i) => (names.length > 0 ? [`Only in ${files[i]}: ${names.join(", ")}`] : [])),
  ].join("\n");
}
