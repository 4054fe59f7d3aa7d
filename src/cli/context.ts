import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import envPaths from "env-paths";
import { RomeError } from "../engine/run/errors.ts";
import { chooseDevice } from "../engine/runtime/device.ts";
import { createEngine, type Engine } from "../engine/tasks/service.ts";
import type { EngineOptions, Progress } from "../protocol/engine.ts";
import { ProgressLine } from "./progressLine.ts";

/** Options that every command takes. */
export interface GlobalOptions {
  readonly model: string;
  readonly json?: boolean;
  readonly memory?: string;
  readonly threads?: string;
  readonly device?: string;
  readonly exact?: boolean;
}

/** The folder with models/ and data/: the package itself, whose dist/ holds this program. */
export const assetsFolder = join(dirname(fileURLToPath(import.meta.url)), "..");

/** Contexts and covariances made on this machine. */
export const storageFolder = envPaths("rome-gender-vectors", { suffix: "" }).cache;

export function engineFor(
  { model, memory, threads, device, exact }: GlobalOptions,
  experimentFolder?: string,
): Promise<Engine> {
  const options: EngineOptions = {
    model,
    experimentFolder,
    assetsFolder,
    storageFolder,
    arena: true,
    ...(memory === undefined ? {} : { memoryBytes: parseBytes(memory) }),
    device: chooseDevice(device),
    exact,
    ...(threads === undefined ? {} : { threads: wholeNumber(threads, "--threads", 1) }),
  };
  return createEngine(options);
}

/** A running command: how it reports progress, and whether it has been stopped. */
export interface Run {
  readonly signal: AbortSignal;
  readonly progress: (progress: Progress) => void;
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

/** "512M", "2G" or a number of bytes. */
export function parseBytes(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([KMGT]?)i?B?$/i.exec(text.trim());
  const exponent = ["", "K", "M", "G", "T"].indexOf((match?.[2] ?? "").toUpperCase());
  if (!match)
    throw new RomeError("input", `${JSON.stringify(text)} is not an amount of memory; write for example 512M or 2G.`);
  return Math.floor(Number(match[1]) * 1024 ** exponent);
}

export function wholeNumber(text: string, option: string, least: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least)
    throw new RomeError("input", `${option} takes a whole number from ${least}, not ${JSON.stringify(text)}.`);
  return value;
}

/** Prints one JSON value on stdout, or the text for people. */
export function print(options: GlobalOptions, json: unknown, text: () => string): void {
  process.stdout.write(options.json ? `${JSON.stringify(json)}\n` : `${text()}\n`);
}
