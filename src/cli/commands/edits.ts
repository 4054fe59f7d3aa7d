import type { Command } from "commander";
import {
  combineEdits,
  compareEdits,
  type EditList,
  listEdits,
  notesOn,
  undoEdit,
} from "../../engine/tasks/editFiles.ts";
import { tryEdits } from "../../engine/tasks/tryEdits.ts";
import type { EditEntry } from "../../protocol/editEntry.ts";
import type { EditComparison } from "../../protocol/editFile.ts";
import { percent } from "../../text/numbers.ts";
import { engineFor, type GlobalOptions, print, withProgress } from "../context.ts";
import { collect, wholeNumber } from "../flags.ts";
import { adapterText, proofText } from "../format.ts";
import { batchEditsCommand } from "./batchEdits.ts";
import { measureEditsCommand } from "./measureEdits.ts";

type Trial = Awaited<ReturnType<typeof tryEdits>>[number];

interface Flags extends GlobalOptions {
  readonly out?: string;
  readonly name: string;
  readonly prompt?: string[];
  readonly maxTokens: string;
}

const files = ["<files...>", ".romedit files, as rome edit --save and rome flip --save write them"] as const;

/** list, apply, diff, combine, undo, batch, measure. */
export function editsCommand(rome: Command): void {
  const edits = rome.command("edits").description("look at, try, compare, join and shorten .romedit files");

  edits
    .command("list")
    .description("what files hold")
    .argument(...files)
    .action(async (paths: string[], _: unknown, command: Command) => {
      const { model, edits: entries } = await listEdits(paths);
      await noteOn(paths);
      print(command.optsWithGlobals<Flags>(), { model, edits: entries }, () =>
        [
          `${entries.length === 1 ? "1 edit" : `${entries.length} edits`} of ${model.name} (${model.architecture}, weights ${model.fingerprint.slice(0, 12)})`,
          ...entries.map((entry) => `  ${entry.name}: ${"kind" in entry ? adapterText(entry) : entryText(entry)}`),
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
      await noteOn(paths);
      const request = { files: paths, prompts: flags.prompt ?? [], maxTokens };
      const trials = await withProgress(async (run) => tryEdits(await engineFor(flags), request, run));
      print(flags, trials, () => trials.map(trialText).join("\n"));
    });

  edits
    .command("diff")
    .description("two files side by side: cosines and lengths of Δv and of the updates")
    .argument("<first>", ".romedit file")
    .argument("<second>", ".romedit file")
    .action(async (first: string, second: string, _: unknown, command: Command) => {
      const comparison = await compareEdits({ files: [first, second] });
      print(command.optsWithGlobals<Flags>(), comparison, () => comparisonText(comparison, [first, second]));
    });

  edits
    .command("combine")
    .description("join files of the same model into one")
    .argument(...files)
    .requiredOption("--out <file>", ".romedit file to write")
    .action(async (paths: string[], _: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>();
      const out = flags.out as string;
      await noteOn(paths);
      written(flags, out, await combineEdits(paths, out));
    });

  edits
    .command("undo")
    .description("take one edit out of a file; the others of a batch update are solved anew without it")
    .argument("<file>", ".romedit file")
    .requiredOption("--name <name>", "the edit, as rome edits list calls it")
    .option("--out <file>", "write here instead of into the same file")
    .action(async (path: string, _: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>();
      written(flags, flags.out ?? path, await undoEdit(path, flags.name, flags.out));
    });

  batchEditsCommand(edits);
  measureEditsCommand(edits);
}

function entryText({ template, subject, target, layer, method, before, after, health }: EditEntry): string {
  return (
    `${template.replace("{}", () => subject)} →${target}   layer ${layer}${method === "batch" ? " (batch)" : ""}, ` +
    `P ${percent(before.probability)} → ${percent(after.probability)}, health ${health?.verdict ?? "not judged"}`
  );
}

/** Says, beside the result, where edits of the files are about one subject. */
export async function noteOn(files: readonly string[]): Promise<void> {
  for (const note of await notesOn(files)) process.stderr.write(`note: ${note}\n`);
}

function written(flags: Flags, file: string, { edits }: EditList): void {
  const names = edits.map(({ name }) => name);
  print(
    flags,
    { file, edits: names },
    () => `${file} holds ${names.length === 1 ? "1 edit" : `${names.length} edits`}.`,
  );
}

function trialText({ prompt, target, completions, proof }: Trial): string {
  return [
    `${prompt}   (P(target) is of ${JSON.stringify(target)})`,
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
