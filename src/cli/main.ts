import { CommanderError } from "commander";
import { versionOf } from "../engine/tasks/version.ts";
import { describeFailure, RomeError } from "../protocol/errors.ts";
import { refusalOfSystem } from "../protocol/refusal.ts";
import { assetsFolder, hasPrinted } from "./context.ts";
import { program } from "./program.ts";
import { tolerateBrokenStreams } from "./streams.ts";

const exits = { failed: 1, usage: 2, cancelled: 130 };

/** `rome help edits diff` is `rome edits diff --help`. */
function argumentsOf([, , first, ...rest]: readonly string[]): string[] {
  if (first === "help" && rest.length > 0) return [...rest, "--help"];
  return first === undefined ? [] : [first, ...rest];
}

async function main(): Promise<number> {
  const given = argumentsOf(process.argv);
  try {
    await program(versionOf(assetsFolder)).parseAsync(given, { from: "user" });
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
  return "Cancelled. Recordings, trials, downloads, counts and copies go on from where they stopped.";
}

tolerateBrokenStreams();
void main().then((code) => {
  process.exitCode ||= code;
});
