import { Command, CommanderError } from "commander";
import { RomeError } from "../engine/run/errors.ts";
import { devices } from "../protocol/engine.ts";
import { completeCommand } from "./commands/complete.ts";
import { covarianceCommand } from "./commands/covariance.ts";
import { editCommand } from "./commands/edit.ts";
import { editsCommand } from "./commands/edits.ts";
import { evaluateCommand } from "./commands/evaluate.ts";
import { experimentCommands } from "./commands/experiment.ts";
import { exportCommand } from "./commands/export.ts";
import { flipCommand } from "./commands/flip.ts";
import { modelsCommand } from "./commands/models.ts";
import { sweepCommand } from "./commands/sweep.ts";
import { traceCommand } from "./commands/trace.ts";
import { tolerateBrokenStreams } from "./streams.ts";

const exits = { failed: 1, usage: 2, cancelled: 130 };

function program(): Command {
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
    .option("--exact", "complete with the exact weights even where the model has an 8-bit copy")
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError("Run rome --help for the commands.");
  flipCommand(rome);
  completeCommand(rome);
  editCommand(rome);
  editsCommand(rome);
  exportCommand(rome);
  experimentCommands(rome);
  traceCommand(rome);
  sweepCommand(rome);
  evaluateCommand(rome);
  covarianceCommand(rome);
  modelsCommand(rome);
  for (const command of rome.commands) command.exitOverride().copyInheritedSettings(rome);
  return rome;
}

async function main(): Promise<number> {
  try {
    await program().parseAsync();
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exits.usage;
    if (RomeError.is(error, "cancelled")) {
      process.stderr.write("Cancelled. Recordings, downloads, counts and copies go on from where they stopped.\n");
      return exits.cancelled;
    }
    const known = RomeError.is(error);
    process.stderr.write(
      known ? `rome: ${error.message}\n` : `rome: unexpected failure: ${(error as Error).message}\n`,
    );
    if (!known && process.env.ROME_DEBUG) process.stderr.write(`${(error as Error).stack}\n`);
    return exits.failed;
  }
}

tolerateBrokenStreams();
void main().then((code) => {
  process.exitCode ||= code;
});
