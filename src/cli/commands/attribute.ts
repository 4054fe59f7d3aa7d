import type { Command } from "commander";
import { attribute, attributionWriters } from "../../engine/tasks/attribute.ts";
import { writeOutputs } from "../../engine/tasks/outputs.ts";
import type { Attribution } from "../../protocol/attribution.ts";
import { RomeError } from "../../protocol/errors.ts";
import { carriers, carrierText } from "../../text/carriers.ts";
import { fixed, signed } from "../../text/numbers.ts";
import { visibleToken } from "../../text/words.ts";
import { engineFor, type GlobalOptions, print, withProgress } from "../context.ts";
import { collect, given, onePrompt, wholeNumber } from "../flags.ts";

interface Flags extends GlobalOptions {
  readonly prompt?: string;
  readonly targets?: string[];
  readonly pattern?: string;
  readonly edits?: string[];
  readonly out?: string[];
}

export function attributeCommand(rome: Command): void {
  rome
    .command("attribute")
    .description("what each layer, head and MLP adds to the logit of one word over another, exactly")
    .argument("[prompt]", "text to look into; or --prompt")
    .option("--prompt <text>", "text to look into")
    .option("--targets <words...>", "two words A B, each with its leading space (default: the experiment's)")
    .option("--pattern <layer.head>", "how this head divides its attention, e.g. 4.1")
    .option("--edits <file>", ".romedit file that is on; may be given several times", collect)
    .option("--out <file>", "write .json, .csv or .svg; may be given several times", collect)
    .action(async (prompt: string | undefined, _: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>();
      const request = {
        prompt: onePrompt(prompt, flags.prompt),
        targets: pairOf(flags.targets),
        pattern: given(flags.pattern, headOf),
        files: flags.edits,
        out: flags.out,
      };
      const found = await withProgress(async (run) => attribute(await engineFor(flags), request, run));
      print(flags, found, () => attributionText(found));
      await writeOutputs(flags.out, found, attributionWriters);
    });
}

function pairOf(words: readonly string[] | undefined): [string, string] | undefined {
  if (words === undefined) return undefined;
  const [a, b, more] = words;
  if (a === undefined || b === undefined || more !== undefined)
    throw new RomeError("input", `--targets takes two words, not ${words.length}. Write --targets " female" " male".`);
  return [a, b];
}

function headOf(text: string): { layer: number; head: number } {
  const [layer, head, more] = text.split(".");
  if (head === undefined || more !== undefined)
    throw new RomeError("input", `--pattern takes a layer and a head, such as 4.1, not ${JSON.stringify(text)}.`);
  return { layer: wholeNumber(layer ?? "", "--pattern", 0), head: wholeNumber(head, "--pattern", 0) };
}

/** The sum by layer, and what carries it. */
function attributionText(found: Attribution): string {
  const { tokens, targets, difference, embedding, layers, rest, after, pattern, warnings, seconds } = found;
  const [a, b] = targets.map(({ token }) => visibleToken(token));
  const column = (value: number, changed: number | undefined) =>
    `${signed(value, 2).padStart(9)}${changed === undefined ? "" : `${signed(changed, 2).padStart(9)}`}`;
  const head = (title: string) => (after ? `${title.padStart(9)}${"after".padStart(9)}` : title.padStart(9));
  const largest = carriers(found, after).slice(0, 5);
  return [
    `logit(${a}) − logit(${b}) after ${JSON.stringify(tokens.at(-1) ?? "")}: ${signed(difference, 2)}${after ? ` → ${signed(after.difference, 2)}` : ""}`,
    `  layer ${head("attention")}${head("MLP")}`,
    `  embed ${column(embedding, after?.embedding)}`,
    ...layers.map(({ attention, mlp }, layer) => {
      const changed = after?.layers[layer];
      return `  ${String(layer).padStart(5)} ${column(attention, changed?.attention)}${column(mlp, changed?.mlp)}`;
    }),
    `   rest ${column(rest, after?.rest)}`,
    `  ${after ? `the edits' ${signed(after.difference - difference, 2)}` : "most of it"}: ${largest.map((carrier) => carrierText(carrier, tokens)).join(", ")}`,
    ...(pattern ? patternText(pattern, tokens) : []),
    `  ${fixed(seconds, 1)} s`,
    ...warnings.map((warning) => `  note  ${warning}`),
  ].join("\n");
}

/** A row a token: what it looks at, in per cent. */
function patternText({ layer, head, before, after }: NonNullable<Attribution["pattern"]>, tokens: readonly string[]) {
  const names = tokens.map(visibleToken);
  const wide = Math.max(...names.map(({ length }) => length), 6);
  const grid = (title: string, rows: readonly (readonly number[])[]) => [
    `  head ${layer}.${head}, ${title}`,
    `  ${" ".repeat(wide)} ${names.map((name) => name.padStart(wide)).join(" ")}`,
    ...rows.map((row, i) =>
      `  ${(names[i] ?? "").padStart(wide)} ${row.map((share, j) => (j > i ? "" : fixed(100 * share, 0)).padStart(wide)).join(" ")}`.trimEnd(),
    ),
  ];
  return [...grid("what each token looks at, in per cent", before), ...(after ? grid("with the edits", after) : [])];
}
