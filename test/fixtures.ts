import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

const folder = join(import.meta.dirname, "fixtures");

/** A fixture written by test/reference/fixtures.py; its shape is described there. */
export function readFixture<T>(name: string): T {
  return JSON.parse(readFileSync(join(folder, name), "utf8")) as T;
}

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
export const embeddedPath = join(import.meta.dirname, "..", "models", "embedded");

/** A new folder that goes when the test is done. */
export async function temporaryFolder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "rome-test-"));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}
