import type { Command } from "commander";
import { listModels } from "../../engine/models.ts";
import { assetsFolder, type GlobalOptions, print } from "../context.ts";

export function modelsCommand(rome: Command): void {
  rome
    .command("models")
    .description("list models: the embedded one, the Hugging Face cache, and the given folders")
    .argument("[folders...]", "folders of models")
    .action(async (folders: string[], _: unknown, command: Command) => {
      const entries = await listModels(folders, assetsFolder);
      print(command.optsWithGlobals<GlobalOptions>(), entries, () =>
        entries
          .map(({ name, folder, usable, reason, bytes, layer }) =>
            usable
              ? `${name}  ${(bytes / 1e6).toFixed(1)} MB, edit layer ${layer}  ${folder}`
              : `${name}  cannot be used: ${reason}`,
          )
          .join("\n"),
      );
    });
}
