import type { Command } from "commander";
import { lens, lensWriters } from "../../engine/tasks/lens.ts";
import { writeOutputs } from "../../engine/tasks/outputs.ts";
import { type Lens, type LensCell, lensKinds } from "../../protocol/lens.ts";
import { fixed, percent } from "../../text/numbers.ts";
import { visibleToken } from "../../text/words.ts";
import { engineFor, type GlobalOptions, print, withProgress } from "../context.ts";
import { collect, oneOf, wholeNumber } from "../flags.ts";

interface Flags extends GlobalOptions {
  readonly prompt?: string;
  readonly kind: string;
  readonly top: string;
  readonly word?: string;
  readonly edits?: string[];
  readonly out?: string[];
}

export function lensCommand(rome: Command): void {
  rome
    .command("lens")
    .description("what each layer would say, were it the last: by layer and token")
    .argument("[prompt]", "text to look into; or --prompt")
    .option("--prompt <text>", "text to look into")
    .option("--kind <kind>", `${lensKinds.join(" or ")}: how a layer's stream becomes words`, "logit")
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
        word: flags.word,
        files: flags.edits,
        out: flags.out,
      };
      const looked = await withProgress(async (run) => lens(await engineFor(flags), request, run));
      print(flags, looked, () => lensText(looked));
      await writeOutputs(flags.out, looked, lensWriters);
    });
}

/** The likeliest word of every layer and token, the last layer above; of the word that is followed its rank. */
function lensText({ tokens, cells, after, word, kind, warnings, seconds }: Lens): string {
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
    `  ${fixed(seconds, 1)} s`,
    ...warnings.map((warning) => `  note  ${warning}`),
  ].join("\n");
}

function cellText({ top: [best] }: LensCell): string {
  return best ? `${visibleToken(best.token)} ${percent(best.probability, 0)}` : "";
}

function rankText(word: LensCell["word"]): string {
  return word ? `${String(word.rank).padStart(6)}  ${percent(word.probability).padStart(7)}` : "";
}
