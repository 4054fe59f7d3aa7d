/** Two layers of GPT-J's true widths (1.6 GB of random fp16 weights, made here and removed) by the command line. */
import { execFile, spawn } from "node:child_process";
import { existsSync, statfsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, freemem, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
const cli = join(root, "dist/cli.js");
const gigabyte = 1e9;

/** Why this machine cannot run it; empty where it can. */
function obstacle(): string {
  const { bavail, bsize } = statfsSync(tmpdir());
  if (bavail * bsize < 3 * gigabyte) return "less than 3 GB of disk";
  if (freemem() < 2 * gigabyte) return "less than 2 GB of free memory";
  if (!existsSync("/proc/self/status")) return "no /proc to read memory from";
  return "";
}

const missing = obstacle();
describe.skipIf(missing)(`GPT-J's widths${missing && ` (skipped: ${missing})`}`, () => {
  let folder: string;
  const published = join(root, "models/embedded/contexts.json");
  const edit = (steps: number, contexts: string) => [
    ...[cli, "--model", folder, "--threads", String(availableParallelism()), "--json", "edit"],
    ...["--prompt", "Name: {}. Gender:", "--subject", "Ben", "--target", " female", "--layer", "0"],
    ...["--contexts", contexts, "--covariance", "none", "--steps", String(steps), "--max-tokens", "2"],
  ];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "rome-gptj-"));
    await promisify(execFile)(process.execPath, [join(root, "bench/makeGptJ.mjs"), folder]);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("are edited with 21 contexts in less memory than a third of the weights in float32", async () => {
    const peak = join(root, "bench/peakMemory.mjs");
    const { stdout } = await promisify(execFile)(process.execPath, [peak, process.execPath, ...edit(2, published)], {
      maxBuffer: 2 ** 24,
    });
    const [json, measured] = stdout.trim().split("\n");
    const { losses, proof } = JSON.parse(json as string) as {
      losses: { total: number }[];
      proof: { untouched: boolean };
    };
    expect(losses).toHaveLength(2);
    expect(losses.at(-1)?.total).toBeLessThan(losses[0]?.total ?? 0);
    expect(proof.untouched).toBe(true);
    const megabytes = Number(/peak anonymous memory (\d+) MB/.exec(measured as string)?.[1]);
    expect(megabytes).toBeGreaterThan(50);
    // 816 million weights; a copy of them in float32 would be 3,260 MB.
    expect(megabytes).toBeLessThan(1000);
  });

  it("stop in the middle of an edit when they are told to, after having said where they are", async () => {
    // Steps so small that no machine is at the goal before the first line is written.
    const endless = [...edit(1000, published), "--lr", "0.0001"];
    const child = spawn(process.execPath, endless, { stdio: ["ignore", "ignore", "pipe"] });
    let [said, pressed] = ["", false];
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      // Once: a second Ctrl-C ends the program at once.
      if (pressed || !/layer \d+\/\d+.*at most/.test(said)) return;
      pressed = child.kill("SIGINT");
    });
    const code = await new Promise((resolve) => child.on("close", resolve));
    expect(said).toContain("Cancelled.");
    expect(code).toBe(130);
  });
});
