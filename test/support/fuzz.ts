import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { hashWeights } from "../../src/engine/checkpoint/fingerprint.ts";
import { openCheckpoint } from "../../src/engine/checkpoint/openCheckpoint.ts";
import { RomeError } from "../../src/protocol/errors.ts";
import { temporaryFolder } from "./checkpointBuilders.ts";
import { fixturePath } from "./fixtures.ts";
import { seeded } from "./seeded.ts";

export type Random = (below: number) => number;

/** Cases for each seed and file; more by hand: FUZZ=20 npx vitest run test/engine/checkpoint/fuzz.test.ts */
export const rounds = Number(process.env.FUZZ ?? 1);

/** Runs `attempt` on each case: only success or a RomeError of these reasons may come of it. */
export async function survives(
  count: number,
  seed: number,
  reasons: readonly string[],
  attempt: (random: Random) => Promise<unknown>,
): Promise<void> {
  const outcomes = { read: 0, refused: 0 };
  const memory = process.memoryUsage().rss;
  for (let i = 0; i < count * rounds; i++) {
    try {
      await attempt(seeded(seed * 1_000_003 + i));
      outcomes.read++;
    } catch (error) {
      // The number of the case, so that it can be run again.
      expect(error, `case ${i}: ${(error as Error).stack}`).toBeInstanceOf(RomeError);
      expect(reasons, `case ${i}: ${error}`).toContain((error as RomeError).reason);
      outcomes.refused++;
    }
  }
  expect(outcomes.refused).toBeGreaterThan(count / 10);
  expect(process.memoryUsage().rss - memory).toBeLessThan(2 ** 29);
}

/** A folder whose one file is replaced for each case. */
export function workbench(fixture: string, file: string) {
  const folder = temporaryFolder();
  cpSync(fixturePath("checkpoints", fixture), folder, { recursive: true });
  const path = join(folder, file);
  return {
    folder,
    path,
    original: readFileSync(path),
    open: () => openCheckpoint(folder).then((opened) => hashWeights(opened)),
  };
}

type Node = Record<string, unknown>;

const odd: readonly unknown[] = [
  ...[null, true, false, 0, 1, -1, 0.5, 1e308, -1e308, 2 ** 31, 2 ** 53, 2 ** 64],
  ...["", " ", "x", "__proto__", "../x", "\0", "\ud800", "9".repeat(400), "ByteLevel", "Sequence", "(", "[a-"],
  ...[[], {}, [[]], [null], [0, 1], { type: "x" }, { type: "Sequence" }, { String: "" }, { Regex: "" }, { Regex: "(" }],
];

/** A JSON text with one to four values deleted, of another type, exchanged, moved or there twice. */
export function mutated(json: string, random: Random): string {
  const root = { root: JSON.parse(json) } as Node;
  const pick = <T>(values: readonly T[]) => values[random(values.length)] as T;
  const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null;
  const place = (): [Node, string] => {
    let [node, key] = [root, "root"];
    for (let value = node[key]; isNode(value) && Object.keys(value).length > 0; value = node[key]) {
      if (node !== root && random(4) === 0) break;
      [node, key] = [value, pick(Object.keys(value))];
    }
    return [node, key];
  };
  for (let times = 1 + random(4); times > 0; times--) {
    const [node, key] = place();
    const [otherNode, otherKey] = place();
    const value = node[key];
    switch (random(6)) {
      case 0:
        if (Array.isArray(node)) node.splice(Number(key), 1);
        else delete node[key];
        break;
      case 1:
        node[key] = structuredClone(pick(odd));
        break;
      case 2:
        // What stands elsewhere in the file, once more.
        node[key] = structuredClone(otherNode[otherKey]);
        break;
      case 3: {
        const swapped = structuredClone([value, otherNode[otherKey]]);
        [otherNode[otherKey], node[key]] = swapped;
        break;
      }
      case 4:
        if (Array.isArray(node)) node.push(structuredClone(value));
        else node[pick(["__proto__", "constructor", "type", "", `${key}2`, otherKey])] = structuredClone(value);
        break;
      default:
        node[key] = typeof value === "number" ? value * pick([-1, 2, 0.5, 1e9]) : [structuredClone(value)];
    }
  }
  return JSON.stringify(root.root) ?? "";
}
