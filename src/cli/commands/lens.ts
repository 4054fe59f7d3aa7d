import type { Command } from "commander";
import { type LensFitParams, lens, lensWriters } from "../../engine/tasks/lens.ts";
import { writeOutputs } from "../../engine/tasks/outputs.ts";
import { type Lens, type LensCell, type LensFit, lensKinds } from "../../protocol/lens.ts";
import { count, fixed, percent } from "../../text/numbers.ts";
import { visibleToken } from "../../text/words.ts";
import { engineFor, type GlobalOptions, print, withProgress } from "../context.ts";
import { collect, given, oneOf, wholeNumber } from "../flags.ts";

interface Flags extends GlobalOptions {
  readonly prompt?: string;
  readonly kind: string;
  readonly top: string;
  readonly word?: string;
  readonly edits?: string[];
  readonly text?: string[];
  readonly tokens?: string;
  readonly rank?: string;
  readonly out?: string[];
}

export function lensCommand(rome: Command): void {
  rome
    .command("lens")
    .description("what each layer would say, were it the last: by layer and token")
    .argument("[prompt]", "text to look into; or --prompt")
    .option("--prompt <text>", "text to look into")
    .option("--kind <kind>", `${lensKinds.join(" or ")}: how a layer's stream becomes words`, "logit")
    .option(
      "--text <file>",
      "text to fit the Jacobian lens over; may be given several times (default: as covariance)",
      collect,
    )
    .option("--tokens <n>", "tokens that its fit rests on (default: 10 a direction)")
    .option("--rank <n>", "directions of its fit (default: one a component, or as many as fit into 512 MB)")
    .option("--top <k>", "words of a cell in --json and .csv", "5")
    .option("--word <text>", "word to follow, with its leading space: its rank and probability")
    .option("--edits <file>", ".romedit file that is on; may be given several times", collect)
    .option("--out <file>", "write .json, .csv or .svg; may be given several times", collect)
    .action(async (prompt: string | undefined, _: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>();
      const request = {
        prompt: flags.prompt ?? prompt ?? "",
        kind: oneOf(flags.kind, "--kind", lensKinds),
        topK: wholeNumber(flags.top, "--top", 1, 100),
        fit: fitOf(flags),
        word: flags.word,
        files: flags.edits,
        out: flags.out,
      };
      const looked = await withProgress(async (run) => lens(await engineFor(flags), request, run));
      print(flags, looked, () => lensText(looked));
      await writeOutputs(flags.out, looked, lensWriters);
    });
}

function fitOf({ text: texts, ...flags }: Flags): LensFitParams | undefined {
  const tokens = given(flags.tokens, (text) => wholeNumber(text, "--tokens", 1));
  const rank = given(flags.rank, (text) => wholeNumber(text, "--rank", 1));
  return (texts ?? tokens ?? rank) === undefined ? undefined : { texts, tokens, rank };
}

/** The likeliest word of every layer and token, the last layer above; of the word that is followed its rank. */
function lensText({ tokens, cells, after, word, kind, fit, warnings, seconds }: Lens): string {
  const wide = Math.max(...[...cells, ...(after ?? [])].flat().map((cell) => cellText(cell).length), 6);
  const line = (label: string, texts: readonly string[]) =>
    `  ${label.padStart(5)}  ${texts.map((text) => text.padEnd(wide)).join("  ")}`.trimEnd();
  const grid = (title: string, rows: Lens["cells"]) => [
    title,
    line("", tokens.map(visibleToken)),
    ...rows.map((row, layer) => line(String(layer), row.map(cellText))).toReversed(),
  ];
  const last = (rows: Lens["cells"]) => rows.map((row) => row.at(-1)?.word);
  return [
    ...grid(after ? "Before" : `The ${kind} lens: likeliest word by layer and token`, cells),
    ...(after ? grid("With the edits", after) : []),
    ...(word
      ? [
          `${JSON.stringify(word.token)} at the last token: rank and probability by layer`,
          ...last(cells).map((before, layer) => {
            const changed = after && last(after)[layer];
            return `  ${String(layer).padStart(5)}  ${rankText(before)}${changed ? `  →  ${rankText(changed)}` : ""}`;
          }),
        ]
      : []),
    ...(fit ? [fitText(fit)] : []),
    `  ${fixed(seconds, 1)} s`,
    ...warnings.map((warning) => `  note  ${warning}`),
  ].join("\n");
}

function fitText({ text, tokens, rank, width, error }: LensFit): string {
  const along = rank < width ? `, along ${count(rank)} of ${count(width)} directions` : "";
  const wrong = error
    ? `; on ${count(error.tokens)} other tokens off by ${errorRange(error.mean)} (mean), ${errorRange(error.token)} (each)`
    : "; error not measured: the text has fewer than ten documents";
  return `  fit     ${count(tokens)} tokens of ${text}${along}${wrong}`;
}

/** Of all layers the smallest and the largest. */
function errorRange(errors: readonly number[]): string {
  return [Math.min(...errors), Math.max(...errors)].map((error) => percent(error, 0)).join(" to ");
}

function cellText({ top: [best] }: LensCell): string {
  return best ? `${visibleToken(best.token)} ${percent(best.probability, 0)}` : "";
}

function rankText(word: LensCell["word"]): string {
  return word ? `${String(word.rank).padStart(6)}  ${percent(word.probability).padStart(7)}` : "";
}
