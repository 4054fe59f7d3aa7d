import type { Command } from "commander";
import { makeBatch } from "../../engine/edits/batchSet.ts";
import { writeEditFile } from "../../engine/edits/editFile.ts";
import type { EditSet } from "../../engine/edits/editSet.ts";
import { ask, likelier } from "../../engine/rome/outcomes.ts";
import { fill } from "../../engine/rome/prompt.ts";
import { editOptionsOf } from "../../engine/tasks/service.ts";
import { engineFor, type GlobalOptions, print, wholeNumber, withProgress } from "../context.ts";
import { type EditFlags, editOptions, withEditFlags } from "../editFlags.ts";
import { percent } from "../format.ts";
import { chooseNames, type NameFlags, withNameFlags } from "../nameFlags.ts";

interface Flags extends GlobalOptions, NameFlags, EditFlags {
  readonly weight: string;
  readonly out: string;
  readonly maxTokens: string;
}

export function batchEditsCommand(edits: Command): void {
  withEditFlags(withNameFlags(edits.command("batch"), 10))
    .description("flip many names by one least-squares update (MEMIT's, at one layer) and write them as one file")
    .requiredOption("--out <file>", ".romedit file to write")
    .option("--weight <λ>", "how much the layer's other keys count", "1")
    .option("--max-tokens <n>", "length of the completions", "24")
    .action(async (listed: string[], _: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>();
      const options = editOptionsOf(await editOptions(flags));
      const maxTokens = wholeNumber(flags.maxTokens, "--max-tokens", 1);
      const set = await withProgress(async ({ signal, progress }) => {
        const engine = await engineFor(flags);
        const { prompt: template, targets } = engine.concept;
        const names = await chooseNames(listed, flags, engine.concept);
        const { rome, name } = await engine.open();
        const prompts = names.map((subject) => ({ prompt: fill(template, subject) }));
        const now = await ask(rome.model, prompts, targets, { maxTokens: 0, signal });
        const requests = names.map((subject, i) => {
          const from = likelier(now[i]?.probability ?? {});
          const [to] = targets.filter(({ label }) => label !== from);
          return { subject, template, target: to?.text ?? "" };
        });
        const onDone = (done: number, total: number) => progress({ phase: "edit", done, total });
        return makeBatch(rome, name, requests, { ...options, weight: Number(flags.weight), maxTokens, signal, onDone });
      });
      await writeEditFile(flags.out, set);
      print(flags, { file: flags.out, edits: set.edits.map(({ entry }) => entry) }, () => batchText(set, flags.out));
    });
}

function batchText({ edits }: EditSet, file: string): string {
  return [
    ...edits.map(
      ({ entry: { name, target, before, after } }) =>
        `${name} →${target}   P ${percent(before.probability)} → ${percent(after.probability)} with all in force`,
    ),
    `${file} holds the batch. Try it with: rome edits apply ${file}`,
  ].join("\n");
}
