import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import envPaths from "env-paths";
import { Engine } from "../engine/tasks/engine.ts";
import { type Device, devices } from "../protocol/engine.ts";
import { RomeError } from "../protocol/errors.ts";
import type { Run } from "../protocol/run.ts";
import { visibleControls } from "../text/printable.ts";
import { given, parseBytes, wholeNumber } from "./flags.ts";
import { ProgressLine } from "./progressLine.ts";

/** Options that every command takes. */
export interface GlobalOptions {
  readonly model: string;
  readonly json?: boolean;
  readonly memory?: string;
  readonly threads?: string;
  readonly device?: string;
}

/** The folder with models/ and data/: the package itself, whose dist/ holds this program. */
export const assetsFolder = join(dirname(fileURLToPath(import.meta.url)), "..");

/** Where the program keeps what it makes of models. */
export const storageFolder = envPaths("rome-gender-vectors", { suffix: "" }).cache;

/** More threads than any processor has cores only take memory. */
const mostThreads = 512;

/** @param concept concept file that the command is about; left out: gender */
export function engineFor({ model, memory, threads, device }: GlobalOptions, concept?: string): Promise<Engine> {
  const options = {
    model,
    assetsFolder,
    storageFolder,
    memoryBytes: given(memory, parseBytes),
    threads: given(threads, (text) => wholeNumber(text, "--threads", 1, mostThreads)),
    device: given(device, deviceOf),
  };
  return Engine.create(options, concept);
}

/** The same, to check what others are to run: a login node need not have the device that the jobs compute on. */
export async function engineToCheck(flags: GlobalOptions, concept?: string): Promise<Engine> {
  // All flags are still looked at.
  await engineFor(flags, concept);
  return engineFor({ ...flags, device: "cpu" }, concept);
}

function deviceOf(text: string): Device {
  const device = devices.find((name) => name === text);
  if (device) return device;
  throw new RomeError("input", `There is no device ${JSON.stringify(text)}. Choose one of: ${devices.join(", ")}.`);
}

/** Runs `work` with a progress line on stderr; the first Ctrl-C asks it to stop, the second ends the process. */
export async function withProgress<T>(work: (run: Run) => Promise<T>): Promise<T> {
  const abort = new AbortController();
  const line = new ProgressLine(process.stderr);
  const stop = () => {
    if (abort.signal.aborted) process.exit(130);
    line.note("Stopping… (Ctrl-C again to end at once)");
    abort.abort();
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  try {
    return await work({ signal: abort.signal, progress: (progress) => line.show(progress) });
  } finally {
    line.clear();
    process.off("SIGINT", stop);
    process.off("SIGTERM", stop);
  }
}

let printed = false;

/** Whether the command's result stands on stdout already. */
export function hasPrinted(): boolean {
  return printed;
}

/** Prints one JSON value on stdout, or the text for people: of a model's words, controls are shown and not obeyed. */
export function print(options: GlobalOptions, json: unknown, text: () => string): void {
  printed = true;
  process.stdout.write(options.json ? `${JSON.stringify(json)}\n` : `${visibleControls(text())}\n`);
}
