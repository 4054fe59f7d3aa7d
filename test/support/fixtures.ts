import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

const folder = join(import.meta.dirname, "../fixtures");

/** A fixture written by test/reference/fixtures.py; its shape is described there. */
export function readFixture<T>(name: string): T {
  return JSON.parse(readFileSync(join(folder, name), "utf8")) as T;
}

/** Fixtures of the families beside GPT-J; each has the parts of the others under its own name. */
export const families: readonly string[] = readdirSync(join(folder, "families")).map((file) => `families/${file}`);

export function fixturePath(...parts: string[]): string {
  return join(folder, ...parts);
}

/** Cosine of the angle between two vectors. */
export function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [dot, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i] as number, b[i] as number];
    dot += x * y;
    aa += x * x;
    bb += y * y;
  }
  return dot / Math.sqrt(aa * bb);
}

/** The shipped model. */
export const embeddedPath = join(import.meta.dirname, "../..", "models", "embedded");

/** A new folder that goes when this test file is done. */
export async function temporaryFolder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "rome-test-"));
  folders.push(path);
  return path;
}

const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

/** The built command line. */
export const cli = join(import.meta.dirname, "../..", "dist", "cli.js");

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `rome` as a user would. */
export function rome(...args: string[]): Promise<CliResult> {
  return romeWith({}, ...args);
}

/** The same with further environment variables. */
export function romeWith(variables: Record<string, string>, ...args: string[]): Promise<CliResult> {
  const env = { ...process.env, ...variables };
  const child = spawn(process.execPath, [cli, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
  const collected = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk) => {
    collected.stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    collected.stderr += chunk;
  });
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, ...collected })));
}
