import type { Command } from "commander";
import { versionOf } from "../../engine/tasks/version.ts";
import { assetsFolder, engineFor, type GlobalOptions } from "../context.ts";

export function mcpCommand(rome: Command): void {
  rome
    .command("mcp")
    .description("serve these tools to an agent: the Model Context Protocol over stdin and stdout")
    .option("--concept <file>", "concept file that flips are about (default: gender)")
    .action(async (_: unknown, command: Command) => {
      const flags = command.optsWithGlobals<GlobalOptions & { concept?: string }>();
      const { serveStdio } = await import("../../mcp/stdio.ts");
      await serveStdio(await engineFor(flags, flags.concept), versionOf(assetsFolder));
    });
}
