import type { Command } from "commander";
import { type LensFitParams, lens, lensWriters } from "../../engine/tasks/lens.ts";
import { writeOutputs } from "../../engine/tasks/outputs.ts";
import { RomeError } from "../../protocol/errors.ts";
import { lensKinds, lensViews } from "../../protocol/lens.ts";
import { engineFor, type GlobalOptions, print, withProgress } from "../context.ts";
import { collect, given, oneOf, onePrompt, wholeNumber } from "../flags.ts";
import { lensText } from "../lensText.ts";

interface Flags extends GlobalOptions {
  readonly prompt?: string;
  readonly kind: string;
  readonly show: string;
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
      "text to fit the Jacobian lens over; may be given several times (default: as covariance); each fit is kept for itself",
      collect,
    )
    .option("--tokens <n>", "products that its fit sums, one a token (default: 10 a direction)")
    .option("--rank <n>", "directions of its fit (default: one a component, or as many as fit into 512 MB)")
    .option("--show <what>", `${lensViews.join(", ")}: what the grid shows; all is in --json and .csv`, "words")
    .option("--top <k>", "words of a cell in --json and .csv", "5")
    .option("--word <text>", "word to follow, with its leading space: its rank and probability")
    .option("--edits <file>", ".romedit file that is on; may be given several times", collect)
    .option("--out <file>", "write .json, .csv or .svg; may be given several times", collect)
    .action(async (prompt: string | undefined, _: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>();
      const view = oneOf(flags.show, "--show", lensViews);
      if (view === "rank" && flags.word === undefined)
        throw new RomeError("input", "--show rank is of a word. Name it with --word, with its leading space.");
      const request = {
        prompt: onePrompt(prompt, flags.prompt),
        kind: oneOf(flags.kind, "--kind", lensKinds),
        topK: wholeNumber(flags.top, "--top", 1, 100),
        fit: fitOf(flags),
        word: flags.word,
        files: flags.edits,
        out: flags.out,
      };
      const looked = await withProgress(async (run) => lens(await engineFor(flags), request, run));
      print(flags, looked, () => lensText(looked, view));
      await writeOutputs(flags.out, looked, lensWriters);
    });
}

function fitOf({ text: texts, ...flags }: Flags): LensFitParams | undefined {
  const tokens = given(flags.tokens, (text) => wholeNumber(text, "--tokens", 1));
  const rank = given(flags.rank, (text) => wholeNumber(text, "--rank", 1));
  return (texts ?? tokens ?? rank) === undefined ? undefined : { texts, tokens, rank };
}
