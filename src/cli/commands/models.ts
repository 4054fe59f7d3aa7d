import type { Command } from "commander";
import type { AddedModel } from "../../engine/tasks/addGguf.ts";
import { addModel } from "../../engine/tasks/addModel.ts";
import { listModels } from "../../engine/tasks/models.ts";
import { type RemovedModel, removeModel } from "../../engine/tasks/removeModel.ts";
import type { ModelEntry } from "../../protocol/engine.ts";
import type { Origin } from "../../protocol/preparation.ts";
import { byteCount } from "../../text/amounts.ts";
import { shellWord } from "../../text/shell.ts";
import { assetsFolder, type GlobalOptions, print, storageFolder, withProgress } from "../context.ts";

interface Flags extends GlobalOptions {
  readonly revision?: string;
}

const revision = [
  "--revision <name>",
  "branch, tag or commit (default: main); owner/name@revision says the same",
] as const;

export function modelsCommand(rome: Command): void {
  const models = rome
    .command("models")
    .description("list models: the embedded one, the Hugging Face cache, unpacked GGUF files, and the given folders")
    .argument("[folders...]", "folders of models")
    .action(async (folders: string[], _: unknown, command: Command) => {
      const entries = await listModels(folders, assetsFolder, storageFolder);
      print(command.optsWithGlobals<GlobalOptions>(), entries, () => entries.map(entryText).join("\n"));
    });

  models
    .command("add")
    .description(
      "download a model of the Hub into the Hugging Face cache, or unpack a GGUF file; run it again to go on after an interruption",
    )
    .argument("<model>", "owner/name, e.g. EleutherAI/gpt-j-6b, or FILE.gguf")
    .option(...revision)
    .action(async (repository: string, _: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>();
      const { revision } = flags;
      const added = await withProgress((run) => addModel({ repository, revision }, storageFolder, run));
      const { model, folder, file } = added;
      print(flags, { model, folder, ...file }, () => addedText(added));
    });

  models
    .command("remove")
    .description(
      "remove a model from the Hugging Face cache, or one revision of it, or what was unpacked from a GGUF file",
    )
    .argument("<model>", "owner/name, or FILE.gguf")
    .option(...revision)
    .action(async (model: string, _: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>();
      const removed = await removeModel({ repository: model, revision: flags.revision }, storageFolder);
      print(flags, removed, () => removedText(removed));
    });
}

function addedText({ model, name, folder, file }: AddedModel): string {
  return [
    `${name} ${file?.wasThere ? "was already there: it is" : "is"} in ${folder}`,
    ...(file ? [`The file has ${byteCount(file.bytes)}, sha256 ${file.sha256}`] : []),
    `Use it with: rome --model ${shellWord(model)} …`,
  ].join("\n");
}

function removedText({ model, bytes, kept = [] }: RemovedModel): string {
  return [
    `${model} removed, ${byteCount(bytes)} freed.`,
    ...kept.map((folder) => `What was prepared and counted of it stays for the next time: ${folder}`),
  ].join("\n");
}

/** Who found a model's layer and optimiser. */
const originText: Readonly<Record<Origin, string>> = {
  prepared: "prepared here",
  model: "its own rome.json",
  published: "published",
  default: "GPT-J's, by depth: rome prepare finds a better one",
};

function entryText({ name, folder, usable, reason, bytes, layer, origin }: ModelEntry): string {
  return usable
    ? `${name}  ${byteCount(bytes)}, edit layer ${layer}${origin ? ` (${originText[origin]})` : ""}  ${folder}`
    : `${name}  cannot be used: ${reason}`;
}
