import type { Command } from "commander";
import { covariance } from "../../engine/tasks/covariance.ts";
import { engineFor, type GlobalOptions, print, withProgress } from "../context.ts";
import { given, wholeNumber } from "../flags.ts";

interface Flags extends GlobalOptions {
  readonly layer?: string;
  readonly tokens?: string;
}

export function covarianceCommand(rome: Command): void {
  rome
    .command("covariance")
    .description("count the second moment of a layer's keys over a text; run it again to go on after an interruption")
    .argument(
      "[texts...]",
      "text files, or folders of .txt files, a document a line (default: the model's corpus.txt, else WikiText-2 of the Hub)",
    )
    .option("--layer <n>", "layer whose keys are counted (default: the one that edits change)")
    .option("--tokens <n>", "tokens to rest on (default: 10 per component of a key)")
    .action(async (texts: string[], _: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>();
      const layer = given(flags.layer, (text) => wholeNumber(text, "--layer", 0));
      const tokens = given(flags.tokens, (text) => wholeNumber(text, "--tokens", 1));
      const made = await withProgress(async (run) => covariance(await engineFor(flags), { texts, layer, tokens }, run));
      print(flags, made, () =>
        [
          `Covariance of layer ${made.layer} over ${made.tokens} tokens: ${made.file}`,
          `Edits use it, unless the model's folder brings one (then: --covariance ${made.file}) or it was prepared without one (then: prepare it again)`,
        ].join("\n"),
      );
    });
}
