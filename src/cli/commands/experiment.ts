import { join } from "node:path";
import type { Command } from "commander";
import { analyze } from "../../engine/tasks/analyze.ts";
import { apply } from "../../engine/tasks/apply.ts";
import { checkRecording } from "../../engine/tasks/checkRecording.ts";
import { checkExperiment, experiment } from "../../engine/tasks/experiment.ts";
import { mergeShards, prepareRecording, record } from "../../engine/tasks/record.ts";
import { report } from "../../engine/tasks/report.ts";
import type { Report } from "../../protocol/results.ts";
import { constructions } from "../../protocol/steer.ts";
import { percent, rateText, rateWithInterval } from "../../text/numbers.ts";
import { assetsFolder, engineFor, engineToCheck, type GlobalOptions, print, withProgress } from "../context.ts";
import { type EditFlags, editOptions, formFlag, withBasisFlags } from "../editFlags.ts";
import { finiteNumber, given, oneOf, wholeNumber } from "../flags.ts";
import { modelText } from "../format.ts";
import { shardOf, submitted, withJobsFlags } from "../jobsFlags.ts";

interface Flags extends GlobalOptions, EditFlags {
  readonly count?: string;
  readonly concept: string;
  readonly names?: string;
  readonly newNames?: string;
  readonly out: string;
  readonly shard?: string;
  readonly prepare?: boolean;
  readonly seed: string;
  readonly vector?: string;
  readonly construction?: string;
  readonly scale: string;
  readonly maxTokens: string;
}

/** record, merge, analyze, report, apply, experiment. */
export function experimentCommands(rome: Command): void {
  const concept = [
    "--concept <file>",
    "concept file: prompt, targets, labels",
    join(assetsFolder, "data", "gender.json"),
  ] as const;
  const names = ["--names <file>", "CSV of names and labels (default: the concept file's)"] as const;
  const count = ["--count <n>", "so many of the names, each label in its share (default: all)"] as const;
  const seed = ["--seed <n>", "of the split, the shuffles and the random vectors", "0"] as const;

  const shard = ["--shard <i/n>", "record only part i of n; parts may share the folder"] as const;
  const prepare = ["--prepare", "only make what all parts rest on: contexts, covariance, manifest"] as const;

  withJobsFlags(withBasisFlags(rome.command("record")))
    .description("record Δv for each name of a file; run it again to go on after an interruption")
    .option(...formFlag)
    .option(...concept)
    .option(...names)
    .option(...count)
    .option("--seed <n>", "of the sample, and of which names the concept file's holdOut keeps back", "0")
    .requiredOption("--out <folder>", "data set to make or continue")
    .option(...shard)
    .option(...prepare)
    .action(async (scheduler: string[], _: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>();
      if (await submitted(command, scheduler, "record", [], () => checkRecordWith(flags))) return;
      await recordWith(flags);
    });

  rome
    .command("merge")
    .description("join the parts that --shard recorded")
    .argument("<folders...>", "the parts")
    .requiredOption("--out <folder>", "data set to make")
    .action(async (folders: string[], _: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>();
      const joined = await mergeShards(folders, flags.out);
      print(flags, joined, () => `Joined ${joined.parts} parts into ${joined.out}.`);
    });

  rome
    .command("analyze")
    .description("classifier, controls and gender vector of a recorded data set")
    .argument("<folder>", "the data set")
    .option(...concept)
    .option(...seed)
    .action(async (folder: string, _: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>();
      const seed = wholeNumber(flags.seed, "--seed", 0);
      const report = await analyze(await engineFor(flags, flags.concept), { folder, seed });
      print(flags, report, () => reportText(report, folder));
    });

  rome
    .command("report")
    .description("what an analysed data set found; its pictures are in report.html")
    .argument("<folder>", "the data set")
    .option("--methods", "a paragraph for a paper instead: model, parameters, versions, figures")
    .action(async (folder: string, _: unknown, command: Command) => {
      const flags = command.optsWithGlobals<GlobalOptions & { methods?: boolean }>();
      const found = await report(folder);
      const json = flags.methods ? { methods: found.methods } : found.report;
      print(flags, json, () => (flags.methods ? found.methods : reportText(found.report, folder)));
    });

  rome
    .command("apply")
    .description("add scale · vector to what the edit layer writes for each name")
    .argument("<names...>", "names")
    .option("--vector <folder>", "analysed data set that has the vector (default: the shipped one)")
    .option("--construction <way>", `how its vector is made: ${constructions.join(", ")} (default: sign)`)
    .option("--scale <s>", "signed; +1 is the essay's", "1")
    .option("--max-tokens <n>", "length of the completions", "24")
    .action(async (listed: string[], _: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>();
      const scale = finiteNumber(flags.scale, "--scale");
      const maxTokens = wholeNumber(flags.maxTokens, "--max-tokens", 1);
      const { vector } = flags;
      const construction = given(flags.construction, (text) => oneOf(text, "--construction", constructions));
      const results = await withProgress(async (run) =>
        apply(await engineFor(flags), { names: listed, scale, maxTokens, vector, construction }, run),
      );
      print(flags, results, () =>
        results
          .map(({ name, from, before, after, changed }) =>
            [
              `${name}: ${from}${changed ? " changed" : " stays"} at scale ${scale}`,
              `  before  ${JSON.stringify(before.completion)}`,
              `  after   ${JSON.stringify(after.completion)}`,
            ].join("\n"),
          )
          .join("\n\n"),
      );
    });

  withJobsFlags(withBasisFlags(rome.command("experiment")))
    .description("the whole experiment: record, analyze, apply, report")
    .option(...formFlag)
    .option(...concept)
    .option(...names)
    .option(...count)
    .option("--new-names <file>", "names outside the data, to apply the vector to (default: the concept file's)")
    .option(...seed)
    .requiredOption("--out <folder>", "data set and report to make or continue")
    .option(...shard)
    .option(...prepare)
    .action(async (scheduler: string[], _: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>();
      if (await submitted(command, scheduler, "experiment", [], () => checkExperimentWith(flags))) return;
      if (flags.shard !== undefined || flags.prepare) return recordWith(flags);
      const request = experimentRequest(flags);
      const report = await withProgress(async (run) => experiment(await engineFor(flags, flags.concept), request, run));
      print(flags, report, () => `${reportText(report, flags.out)}\n\nPictures: ${join(flags.out, "report.html")}`);
    });
}

/** Records, or a part of it, or makes only what all parts rest on. */
async function recordWith(flags: Flags): Promise<void> {
  const request = { ...recordRequest(flags), shard: shardOf(flags.shard) };
  const engine = () => engineFor(flags, flags.concept);
  if (flags.prepare) {
    const { names } = await withProgress(async (run) => prepareRecording(await engine(), request, run));
    return print(flags, { names }, () => `Everything is ready to record ${names} names into ${flags.out}.`);
  }
  const result = await withProgress(async (run) => record(await engine(), request, run));
  print(flags, result, () => `Recorded ${result.recorded} of ${result.total} edits into ${flags.out}.`);
}

async function checkRecordWith(flags: Flags): Promise<void> {
  const request = recordRequest(flags);
  await checkRecording(await engineToCheck(flags, flags.concept), request);
}

async function checkExperimentWith(flags: Flags): Promise<void> {
  const request = experimentRequest(flags);
  await checkExperiment(await engineToCheck(flags, flags.concept), request);
}

function experimentRequest(flags: Flags) {
  return { ...recordRequest(flags), newNamesFile: flags.newNames };
}

function recordRequest(flags: Flags) {
  return {
    ...editOptions(flags),
    folder: flags.out,
    namesFile: flags.names,
    count: given(flags.count, (text) => wholeNumber(text, "--count", 1)),
    seed: wholeNumber(flags.seed, "--seed", 0),
  };
}

function estimateText({
  value,
  interval95: [low, high],
}: NonNullable<Report["classifier"]["balancedAccuracy"]>): string {
  return `${percent(value)}  (95 %: ${percent(low)} to ${percent(high)})`;
}

function reportText(report: Report, folder: string): string {
  const { recorded, classifier, vector, transfer, validation, concept } = report;
  const [first, second] = concept.labels;
  const [low, high] = classifier.interval95;
  const best = transfer.find((row) => row.vector === "concept" && row.scale === vector.scale);
  return [
    `${folder}: ${recorded.total} edits, ${recorded.flipped} flipped, ${recorded.meanEvaluations.toFixed(2)} evaluations each`,
    ...modelText(report.model),
    `classifier on held-out edits  ${percent(classifier.testAccuracy)}  (95 %: ${percent(low)} to ${percent(high)}), ` +
      `shuffled labels ${percent(classifier.shuffledLabels.mean)}`,
    ...(classifier.balancedAccuracy
      ? [`balanced accuracy             ${estimateText(classifier.balancedAccuracy)}`]
      : []),
    `vector sign(w): length ${vector.norm.toFixed(1)}, mean ‖Δv‖ ${vector.meanDeltaNorm.toFixed(1)}, ` +
      `cosine to the mean difference ${vector.cosineToMeanDifference.toFixed(3)}`,
    ...(best
      ? [
          `best scale ${best.scale}${validation ? ", chosen on the other half of the new names" : ""}`,
          `  +g  ${first} → ${second} ${rateWithInterval(best.plus.changed)}, ${second} stays ${rateWithInterval(best.plus.stayed)}`,
          `  −g  ${second} → ${first} ${rateWithInterval(best.minus.changed)}, ${first} stays ${rateWithInterval(best.minus.stayed)}`,
          ...(best.others
            ? [
                `  other labels  +g drags ${rateText(best.others.plus)} to ${second}, −g ${rateText(best.others.minus)} to ${first}`,
              ]
            : []),
          ...best.failures.map(
            ({ name, sign, completion }) => `  failed  ${sign > 0 ? "+" : "−"}g ${name}: ${JSON.stringify(completion)}`,
          ),
        ]
      : []),
  ].join("\n");
}
