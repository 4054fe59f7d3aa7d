import type { Command } from "commander";
import { addModel } from "../../engine/tasks/addModel.ts";
import { listModels } from "../../engine/tasks/models.ts";
import { removeModel } from "../../engine/tasks/removeModel.ts";
import type { ModelEntry } from "../../protocol/engine.ts";
import type { Origin } from "../../protocol/preparation.ts";
import { byteCount } from "../../text/amounts.ts";
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
      const { model, name, folder } = added;
      print(flags, { model, folder }, () => `${name} is in ${folder}\nUse it with: rome --model ${model} …`);
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
      print(flags, removed, () => `${removed.model} removed, ${byteCount(removed.bytes)} freed.`);
    });
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
