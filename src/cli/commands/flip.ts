import type { Command } from "commander";
import { flip } from "../../engine/tasks/flip.ts";
import { engineFor, type GlobalOptions, print, withProgress } from "../context.ts";
import { checkSave, type EditFlags, editOptions, formFlag, save, withEditFlags } from "../editFlags.ts";
import { wholeNumber } from "../flags.ts";
import { flipText } from "../format.ts";

interface Flags extends GlobalOptions, EditFlags {
  readonly maxTokens: string;
}

export function flipCommand(rome: Command): void {
  withEditFlags(rome.command("flip").argument("<names...>", "names, solved in one batch"))
    .description("make the model give each name the other gender: before, the edit, after")
    .option(...formFlag)
    .option("--max-tokens <n>", "length of the completions", "24")
    .action(async (names: string[], _: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>();
      const maxTokens = wholeNumber(flags.maxTokens, "--max-tokens", 1);
      const options = editOptions(flags);
      await checkSave(flags.save, names);
      const engine = await engineFor(flags);
      const results = await withProgress((run) => flip(engine, { names, ...options, maxTokens }, run));
      print(
        flags,
        results.map(({ view }) => view),
        () => results.map(({ view }) => flipText(view)).join("\n\n"),
      );
      await save(
        engine,
        flags.save,
        results.map(({ saved }) => saved),
      );
      const kept = results.filter(({ view }) => !view.flipped).map(({ view }) => view.name);
      if (kept.length > 0 && !flags.json) process.stderr.write(`Not flipped: ${kept.join(", ")}\n`);
    });
}
