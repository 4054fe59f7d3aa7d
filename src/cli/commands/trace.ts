import type { Command } from "commander";
import type { Engine } from "../../engine/tasks/engine.ts";
import { checkOutputs, writeOutputs } from "../../engine/tasks/outputs.ts";
import { conceptOf } from "../../engine/tasks/request.ts";
import { checkTrace, trace, traceShard, traceWriters } from "../../engine/tasks/trace.ts";
import { publishedWindow, type Trace, traceKinds, usualWindow } from "../../protocol/measurements.ts";
import { percent } from "../../text/numbers.ts";
import { visibleToken } from "../../text/words.ts";
import { engineFor, engineToCheck, type GlobalOptions, print, withProgress } from "../context.ts";
import { behindDashes, collect, given, wholeNumber } from "../flags.ts";
import { modelText } from "../format.ts";
import { partOf, submitted, withPiecesFlags } from "../jobsFlags.ts";
import { type NameFlags, nameChoice, withNameFlags } from "../nameFlags.ts";

interface Flags extends GlobalOptions, NameFlags {
  readonly prompt?: string;
  readonly target?: string;
  readonly window?: string;
  readonly samples: string;
  readonly out?: string[];
}

export function traceCommand(rome: Command): void {
  withPiecesFlags(withNameFlags(rome.command("trace"), 20))
    .description("causal tracing: where the model keeps what it says of a name, by token and layer")
    .option("--prompt <template>", "prompt with one {} where the name goes (default: the experiment's)")
    .option("--target <text>", "continuation to follow, with its leading space (default: what the model says)")
    .option(
      "--window <n>",
      `layers restored together for MLP and attention (default: ${publishedWindow}; on fewer than ${2 * publishedWindow} layers ${usualWindow(1)})`,
    )
    .option("--samples <n>", "draws of the noise", "10")
    .option("--out <file>", "write .json, .csv, .html or .svg; may be given several times", collect)
    .action(async (listed: string[], _: unknown, command: Command) => {
      const { own: names, scheduler } = behindDashes(command, listed);
      const flags = command.optsWithGlobals<Flags>();
      await checkOutputs(flags.out, traceWriters);
      const { keep, part } = partOf(command);
      const requestFor = (engine: Engine) => ({
        keep,
        target: flags.target,
        window: given(flags.window, (text) => wholeNumber(text, "--window", 1)),
        samples: wholeNumber(flags.samples, "--samples", 1),
        out: flags.out,
        ...nameChoice(names, flags),
        concept: conceptOf(engine, { template: flags.prompt }),
      });
      const check = async () => {
        const engine = await engineToCheck(flags);
        await checkTrace(engine, requestFor(engine));
      };
      if (await submitted(command, scheduler, "trace", names, check)) return;
      const engine = await engineFor(flags);
      const request = requestFor(engine);
      if (part) {
        const params = { ...request, ...part };
        const made = await withProgress((run) => traceShard(engine, params, part.shard, run));
        return print(flags, made, () => `Traced ${made.done} of ${made.total} names into ${part.keep}.`);
      }
      const traced = await withProgress((run) => trace(engine, request, run));
      print(flags, traced, () => traceText(traced));
      await writeOutputs(flags.out, traced, traceWriters);
    });
}

const shades = " ░▒▓█";

/** The three grids in shades, the strongest places in words. */
function traceText(trace: Trace): string {
  const { subjects, clean, corrupted, places, layers, editLayer, window, samples, seconds } = trace;
  const top = Math.max(1e-9, ...traceKinds.flatMap((kind) => trace[kind].effect.flat()));
  const shade = (effect: number) => shades[Math.min(4, Math.max(0, Math.round((4 * effect) / top)))] as string;
  const wide = Math.max(...places.map(({ text }) => visibleToken(text).length)) + 1;
  const columns = Array.from({ length: layers }, (_, layer) => (layer === editLayer ? "^" : " ")).join("");
  const who = subjects.length === 1 ? subjects[0]?.subject : `${subjects.length} names`;
  return [
    `${trace.template} with ${who}: P(target) ${percent(clean)}, with noise on the name ${percent(corrupted)}`,
    ...modelText(trace.model),
    `  ${" ".repeat(wide)} ${traceKinds.map((kind) => kind.padEnd(Math.max(layers, 9))).join("  ")}`,
    ...places.map(({ text, role }, place) => {
      const mark = role === "before" || role === "after" ? " " : "*";
      const grids = traceKinds.map((kind) =>
        (trace[kind].effect[place] ?? []).map(shade).join("").padEnd(Math.max(layers, 9)),
      );
      return `  ${(visibleToken(text) + mark).padStart(wide)} ${grids.join("  ")}`;
    }),
    `  ${" ".repeat(wide)} ${traceKinds.map(() => columns.padEnd(Math.max(layers, 9))).join("  ")}`,
    `  █ is +${top.toFixed(3)}; * the name's tokens, ^ layer ${editLayer}, which edits use; window ${window}, ${samples} samples, ${seconds.toFixed(1)} s`,
    ...traceKinds.map((kind) => {
      const { place, layer, effect } = strongestOf(trace, kind);
      return `  strongest ${kind.padEnd(9)} ${visibleToken(places[place]?.text ?? "")}, layer ${layer}: +${effect.toFixed(3)}`;
    }),
    ...trace.warnings.map((warning) => `  note  ${warning}`),
  ].join("\n");
}

function strongestOf(trace: Trace, kind: (typeof traceKinds)[number]) {
  const cells = trace[kind].effect.flatMap((row, place) => row.map((effect, layer) => ({ place, layer, effect })));
  return cells.reduce((best, cell) => (cell.effect > best.effect ? cell : best));
}
