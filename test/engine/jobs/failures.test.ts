/** What is told of a job that ended without having done its part: by its log, its exit code, its disk, the scheduler. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { failuresOf, toldBy, wasRefused } from "../../../src/engine/jobs/failures.ts";
import { readLog } from "../../../src/engine/jobs/logs.ts";
import { logPath, type Plan, scriptPath } from "../../../src/engine/jobs/plan.ts";
import { writeScripts } from "../../../src/engine/jobs/scripts.ts";
import { temporaryFolder } from "../../support/fixtures.ts";

/** The shard's script of a program that is a line of bash, run as a scheduler runs it; the log it leaves. */
async function attempt(folder: string, line: string, template?: string): Promise<string> {
  const plan: Plan = {
    schema: 1,
    task: "record",
    on: { scheduler: "slurm", flags: [], ...(template && { template }) },
    shards: 2,
    cwd: folder,
    program: ["bash", "-c", line],
    arguments: { prepare: [], shard: [], merge: [] },
    environment: {},
  };
  mkdirSync(join(folder, "jobs", "logs"), { recursive: true });
  await writeScripts(folder, plan);
  const log = logPath(folder, "shard", 2);
  const env = { ...process.env, SLURM_ARRAY_TASK_ID: "2" };
  spawnSync("bash", ["-c", `${scriptPath(folder, "shard")} >>'${log}' 2>&1`], { env });
  return log;
}

it("tells the error, the signal or the exit code of the last attempt alone", async () => {
  const folder = await temporaryFolder();
  const strict = join(folder, "strict.sh");
  writeFileSync(strict, "#!/bin/bash\nset -eu\n{command}\n");
  expect(await toldBy(await attempt(folder, "echo 'rome: the file could not be written.' >&2; exit 1"))).toBe(
    "rome: the file could not be written.",
  );
  const log = await attempt(folder, "echo recording 16 of 56; kill -9 $$", strict);
  expect(await toldBy(log)).toBe("killed by SIGKILL, as a node does that runs out of memory");
  expect(await wasRefused(log)).toBe(false);
  await attempt(folder, "echo half way; exit 7");
  expect(await toldBy(log)).toBe("exit code 7: half way");
  await attempt(folder, "echo 'rome: no such device' >&2; exit 2", strict);
  expect(await wasRefused(log)).toBe(true);
  await attempt(folder, "true");
  expect(await readLog(log)).toMatchObject({ error: "", exitCode: 0 });
  // A script that was killed with its work wrote no end.
  writeFileSync(log, `${readFileSync(log, "utf8")}[begun 2026-11-27T12:00:00Z on n1]\nrecording 32 of 56\n`);
  expect(await readLog(log)).toMatchObject({ error: "", last: "recording 32 of 56" });
  expect((await readLog(log))?.exitCode).toBeUndefined();
  expect(await toldBy(log)).toBe("");
});

it("asks the scheduler about what its log does not tell, each job once", async () => {
  const folder = await temporaryFolder();
  mkdirSync(join(folder, "jobs", "logs"), { recursive: true });
  writeFileSync(logPath(folder, "shard", 1), "rome: a batch could not be written.\n");
  const work = { prepared: true, merged: false, shards: [0, 0, 0].map((kept) => ({ kept, wanted: 5 })) };
  const at = "2026-01-01T00:00:00.000Z";
  const shards = [1, 2, 3].map((shard) => ({ shard, kept: 0 }));
  const handovers = [{ at, by: "person" as const, jobs: { prepare: null, array: "7", merge: "8" }, shards }];
  const asked: string[][] = [];
  const scheduler = {
    hasDependencies: true,
    submit: async () => null,
    queue: async () => [],
    cancel: async () => {},
    endings: async (jobs: readonly string[]) => {
      asked.push([...jobs]);
      return new Map([["7_2", "NODE_FAIL, signal 9"]]);
    },
  };
  const told = (await failuresOf(folder, scheduler, work, handovers, [])).map(({ error }) => error);
  expect(told).toEqual([
    "rome: a batch could not be written.",
    "the scheduler says NODE_FAIL, signal 9",
    "it was killed before it could write why: by the node, the scheduler or for memory",
  ]);
  expect(asked).toEqual([["7"]]);
});
