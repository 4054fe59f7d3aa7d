import type { Command } from "commander";
import { complete } from "../../engine/tasks/complete.ts";
import { percent } from "../../text/numbers.ts";
import { engineFor, type GlobalOptions, print, withProgress } from "../context.ts";
import { wholeNumber } from "../flags.ts";
import { modelText } from "../format.ts";

interface Flags extends GlobalOptions {
  readonly prompt: string;
  readonly maxTokens: string;
  readonly top: string;
}

export function completeCommand(rome: Command): void {
  rome
    .command("complete")
    .description("continue a prompt greedily, with the likeliest next tokens")
    .requiredOption("--prompt <text>", "text to continue")
    .option("--max-tokens <n>", "length of the completion", "24")
    .option("--top <k>", "how many next tokens to list", "5")
    .action(async (_: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>();
      const request = {
        prompt: flags.prompt,
        maxTokens: wholeNumber(flags.maxTokens, "--max-tokens", 1),
        topK: wholeNumber(flags.top, "--top", 1),
        edits: [],
      };
      const result = await withProgress(async (run) => complete(await engineFor(flags), request, run));
      print(flags, result, () =>
        [
          `${result.prompt}${result.completion}`,
          ...modelText(result.model),
          ...result.next.map(
            ({ token, logProb }) => `  ${JSON.stringify(token).padEnd(16)} ${percent(Math.exp(logProb))}`,
          ),
        ].join("\n"),
      );
    });
}
