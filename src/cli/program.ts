import { Command } from "commander";
import { devices } from "../protocol/engine.ts";
import { attributeCommand } from "./commands/attribute.ts";
import { completeCommand } from "./commands/complete.ts";
import { covarianceCommand } from "./commands/covariance.ts";
import { editCommand } from "./commands/edit.ts";
import { editsCommand } from "./commands/edits.ts";
import { evaluateCommand } from "./commands/evaluate.ts";
import { experimentCommands } from "./commands/experiment.ts";
import { exportCommand } from "./commands/export.ts";
import { flipCommand } from "./commands/flip.ts";
import { jobsCommand } from "./commands/jobs.ts";
import { lensCommand } from "./commands/lens.ts";
import { mcpCommand } from "./commands/mcp.ts";
import { modelsCommand } from "./commands/models.ts";
import { prepareCommand } from "./commands/prepare.ts";
import { refereeCommand } from "./commands/referee.ts";
import { steerCommand } from "./commands/steer.ts";
import { sweepCommand } from "./commands/sweep.ts";
import { traceCommand } from "./commands/trace.ts";
import { checkGiven } from "./flags.ts";

/** What of the environment is heeded, beside what Node and onnxruntime heed. */
export const environment: readonly (readonly [name: string, what: string])[] = [
  ["ROME_TRACE", "file for a timeline of what the command does, to be opened in Perfetto; %p in it is the process"],
  ["ROME_DEVICE", "what computes where --device says nothing"],
  ["ROME_DEBUG", "any value: errors that were not foreseen come with their stack"],
  ["XDG_CACHE_HOME", "folder of the cache (Linux): contexts, covariances, preparations, unpacked models"],
  ["HF_TOKEN, HF_TOKEN_PATH", "token for private models of the Hub, or a file with one"],
  ["HF_ENDPOINT, HF_HOME, HF_HUB_CACHE, HF_HUB_OFFLINE", "as in Hugging Face's own tools"],
];

/** The `rome` command with all that it can do; docs/reference/commands.md is made from it. */
export function program(version: string): Command {
  const rome = new Command("rome")
    .description("Look inside a language model and rewrite one of its beliefs (ROME, Meng et al. 2022).")
    .option("--model <model>", "Hugging Face folder, or a model of the Hub that is in the cache", "embedded")
    .option("--json", "print one JSON value on stdout and nothing else")
    .option(
      "--memory <amount>",
      "what the process may take while it edits, e.g. 1G: decides how many names run as a batch",
    )
    .option("--threads <n>", "threads of onnxruntime (default: all cores)")
    .option("--device <device>", `what computes: ${devices.join(", ")} (default: ROME_DEVICE, else cpu)`)
    .version(version, "--version", "print the version")
    .hook("preAction", (_, command) => checkGiven(command))
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError("Run rome --help for the commands.")
    .addHelpText("after", `\nEnvironment:\n${environment.map(([name, what]) => `  ${name}: ${what}`).join("\n")}`);
  flipCommand(rome);
  completeCommand(rome);
  editCommand(rome);
  editsCommand(rome);
  exportCommand(rome);
  experimentCommands(rome);
  jobsCommand(rome);
  refereeCommand(rome);
  traceCommand(rome);
  lensCommand(rome);
  attributeCommand(rome);
  steerCommand(rome);
  sweepCommand(rome);
  evaluateCommand(rome);
  covarianceCommand(rome);
  modelsCommand(rome);
  mcpCommand(rome);
  prepareCommand(rome);
  for (const command of rome.commands) command.exitOverride().copyInheritedSettings(rome);
  return rome;
}
