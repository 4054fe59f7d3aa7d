import { Command, CommanderError } from "commander";
import { devices } from "../protocol/engine.ts";
import { describeFailure, RomeError } from "../protocol/errors.ts";
import { refusalOfSystem } from "../protocol/refusal.ts";
import { completeCommand } from "./commands/complete.ts";
import { covarianceCommand } from "./commands/covariance.ts";
import { editCommand } from "./commands/edit.ts";
import { editsCommand } from "./commands/edits.ts";
import { evaluateCommand } from "./commands/evaluate.ts";
import { experimentCommands } from "./commands/experiment.ts";
import { exportCommand } from "./commands/export.ts";
import { flipCommand } from "./commands/flip.ts";
import { lensCommand } from "./commands/lens.ts";
import { mcpCommand } from "./commands/mcp.ts";
import { modelsCommand } from "./commands/models.ts";
import { prepareCommand } from "./commands/prepare.ts";
import { sweepCommand } from "./commands/sweep.ts";
import { traceCommand } from "./commands/trace.ts";
import { assetsFolder, hasPrinted, versionOf } from "./context.ts";
import { checkGiven } from "./flags.ts";
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
    .version(versionOf(assetsFolder), "--version", "print the version")
    .hook("preAction", (_, command) => checkGiven(command))
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
  lensCommand(rome);
  sweepCommand(rome);
  evaluateCommand(rome);
  covarianceCommand(rome);
  modelsCommand(rome);
  mcpCommand(rome);
  prepareCommand(rome);
  for (const command of rome.commands) command.exitOverride().copyInheritedSettings(rome);
  return rome;
}

/** `rome help edits diff` is `rome edits diff --help`. */
function argumentsOf([, , first, ...rest]: readonly string[]): string[] {
  if (first === "help" && rest.length > 0) return [...rest, "--help"];
  return first === undefined ? [] : [first, ...rest];
}

async function main(): Promise<number> {
  const given = argumentsOf(process.argv);
  try {
    await program().parseAsync(given, { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    const failure = failureOf(error);
    // With --json a failure is the one JSON value, unless the result stands there already.
    if (given.includes("--json") && !hasPrinted())
      process.stdout.write(`${JSON.stringify({ error: describeFailure(failure) })}\n`);
    // Commander has said its own.
    if (!(error instanceof CommanderError)) process.stderr.write(`${lineOf(failure)}\n`);
    if (process.env.ROME_DEBUG && !RomeError.is(error)) process.stderr.write(`${(error as Error).stack}\n`);
    return exits[failure.reason === "input" ? "usage" : failure.reason === "cancelled" ? "cancelled" : "failed"];
  }
}

function failureOf(error: unknown): RomeError {
  if (RomeError.is(error)) return error;
  const { message } = error as Error;
  if (error instanceof CommanderError) return new RomeError("input", `${message.replace(/^error: /, "")}.`);
  return refusalOfSystem(error) ?? new RomeError("engine", `unexpected failure: ${message}`, { cause: error });
}

function lineOf({ reason, message }: RomeError): string {
  if (reason !== "cancelled") return `rome: ${message}`;
  return "Cancelled. Recordings, downloads, counts and copies go on from where they stopped.";
}

tolerateBrokenStreams();
void main().then((code) => {
  process.exitCode ||= code;
});
