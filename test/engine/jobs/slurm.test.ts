/** Recordings in shards on a real Slurm, started here: whatever is killed, cancelled or full, the bytes of one run. */
import { spawnSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { JobsStatus, Submitted } from "../../../src/protocol/jobs.ts";
import { romeWith, temporaryFolder } from "../../support/fixtures.ts";
import { TestSlurm, whyNoSlurm } from "../../support/slurm.ts";

const why = whyNoSlurm();
const minutes = 60_000;
/** Seven batches of names, solved with little effort. */
const count = 112;
const recorded = ["manifest.json", "records.jsonl", "deltas.safetensors"];
const analysed = [...recorded, "classifier.json", "report.json", "report.html"];

describe.skipIf(why)(`Slurm${why ? ` (${why})` : ""}`, () => {
  let slurm: TestSlurm;
  let home: string;
  let names: string;
  let quiet: string;

  const run = (...args: string[]) => romeWith({ ...slurm.env, XDG_CACHE_HOME: join(home, "cache") }, ...args);
  const flags = () => ["--names", names, "--contexts", "2", "--steps", "6"];
  const bytes = (folder: string, files: readonly string[]) => files.map((name) => readFileSync(join(folder, name)));
  const batches = (folder: string) => {
    const place = join(folder, "batches");
    return existsSync(place) ? readdirSync(place).filter((name) => name.endsWith(".safetensors")) : [];
  };

  async function json<T>(...args: string[]): Promise<T> {
    const { code, stdout, stderr } = await run("--json", ...args);
    expect(stderr).toBe("");
    expect(code).toBe(0);
    return JSON.parse(stdout) as T;
  }

  function submit(out: string, shards: number, on = "slurm"): Promise<Submitted> {
    return json("record", ...flags(), "--on", on, "--shards", String(shards), "--out", out);
  }

  async function until(out: string, is: (status: JobsStatus) => boolean): Promise<JobsStatus> {
    let status: JobsStatus | undefined;
    await vi.waitUntil(
      async () => {
        status = await json<JobsStatus>("jobs", out);
        return is(status);
      },
      { timeout: 4 * minutes, interval: 1000 },
    );
    return status as JobsStatus;
  }

  /** Until the first batches are there and others are still to come. */
  async function untilInTheMiddle(out: string): Promise<void> {
    await vi.waitUntil(() => batches(out).length > 0, { timeout: 2 * minutes, interval: 20 });
  }

  beforeAll(async () => {
    home = await mkdtemp("/tmp/rome-slurm-");
    slurm = await TestSlurm.start(home, ["n1", "n2"]);
    const lines = readFileSync(join(import.meta.dirname, "../../../data/names.csv"), "utf8").split("\n");
    names = join(home, "names of a test.csv");
    writeFileSync(names, `${lines.slice(0, count + 1).join("\n")}\n`);
    quiet = join(home, "quiet");
    expect((await run("record", ...flags(), "--out", quiet)).code).toBe(0);
  }, 3 * minutes);

  afterAll(async () => {
    await slurm?.stop();
    if (home) await rm(home, { recursive: true, force: true });
  });

  it(
    "an experiment in an array of shards has the bytes of one run",
    async () => {
      const fresh = join(home, "fresh.csv");
      writeFileSync(fresh, "name,gender\nZoltan,male\nZelda,female\n");
      const experiment = ["experiment", ...flags(), "--new-names", fresh];
      const [alone, out] = [join(home, "alone"), join(home, "it's an array")];
      const given = ["--on", "slurm", "--shards", "3", "--out", out];
      const { jobs, shards } = await json<Submitted>(...experiment, ...given, "--", "--time", "10:00");
      expect(Object.values(jobs).every((job) => /^\d+$/.test(job as string))).toBe(true);
      expect(shards).toEqual([1, 2, 3]);
      expect(slurm.run("scontrol", "show", "job", jobs.array as string)).toContain("TimeLimit=00:10:00");
      // All is in the queue: there is nothing to submit.
      const again = await json<Submitted>(...experiment, ...given);
      expect(again.shards).toEqual([]);
      expect(again.jobs).toEqual({ prepare: null, array: null, merge: null });
      const other = await run(...experiment, "--layer", "2", ...given);
      expect(other.stderr).toMatch(/planned otherwise/);

      expect((await run(...experiment, "--out", alone)).code).toBe(0);
      const status = await until(out, ({ merged }) => merged);
      expect(status.shards).toEqual({ done: 3, running: 0, failed: 0, waiting: 0 });
      expect(status.names).toEqual({ recorded: count, total: count });
      expect(status.failures).toEqual([]);
      expect(bytes(out, analysed)).toEqual(bytes(alone, analysed));
      expect((await json<Submitted>(...experiment, ...given)).status.merged).toBe(true);
    },
    6 * minutes,
  );

  it(
    "a trace's names and a sweep's layers, each in an array of shards, have the pictures of one run",
    async () => {
      const works = [
        ["trace", "Ben", "Anna", "Zelda", "--samples", "2"],
        ["sweep", "Ben", "Anna", "--contexts", "2", "--steps", "2"],
      ];
      for (const work of works) {
        const out = join(home, `kept ${work[0]}`);
        const picture = (name: string) => join(home, `${name}-${work[0]}.svg`);
        const given = ["--keep", out, "--out", picture("joined"), "--on", "slurm", "--shards", "2"];
        expect((await json<Submitted>(...work, ...given, "--", "--time", "10:00")).shards).toEqual([1, 2]);
        expect((await run(...work, "--out", picture("alone"))).code).toBe(0);
        await until(out, ({ merged }) => merged);
        await vi.waitUntil(() => existsSync(picture("joined")), { timeout: minutes });
        expect(readFileSync(picture("joined"))).toEqual(readFileSync(picture("alone")));
      }
    },
    6 * minutes,
  );

  it(
    "a node killed in the middle: its shard goes again with what it had kept",
    async () => {
      const out = join(home, "node");
      await submit(out, 2);
      await untilInTheMiddle(out);
      const kept = batches(out);
      const before = bytes(join(out, "batches"), kept);
      slurm.killNode("n1");
      slurm.killNode("n2");
      expect(bytes(join(out, "batches"), kept)).toEqual(before);
      slurm.startNode("n1");
      slurm.startNode("n2");
      const status = await until(out, ({ merged }) => merged);
      expect(status.shards.done).toBe(2);
      expect(bytes(out, recorded)).toEqual(bytes(quiet, recorded));
    },
    6 * minutes,
  );

  it(
    "cancelled, it keeps what it has; the same command submits only what is missing",
    async () => {
      const out = join(home, "cancelled");
      const { batch } = JSON.parse(readFileSync(join(quiet, "manifest.json"), "utf8")) as { batch: number };
      const oneBatchEach = Math.ceil(count / batch);
      await submit(out, oneBatchEach);
      await vi.waitUntil(async () => (await json<JobsStatus>("jobs", out)).shards.done > 0, { timeout: 2 * minutes });
      const cancelled = await json<JobsStatus>("jobs", "cancel", out);
      await vi.waitUntil(() => slurm.run("squeue", "--noheader").trim() === "", { timeout: minutes, interval: 500 });
      const status = await json<JobsStatus>("jobs", out);
      expect(cancelled.merged).toBe(false);
      expect(status.shards).toMatchObject({ running: 0, failed: 0 });
      expect(status.shards.waiting).toBe(oneBatchEach - status.shards.done);
      expect(batches(out).length).toBe(status.shards.done);
      const { shards, jobs } = await submit(out, oneBatchEach);
      expect(shards).toHaveLength(status.shards.waiting);
      expect(jobs.prepare).toBeNull();
      await until(out, ({ merged }) => merged);
      expect(bytes(out, recorded)).toEqual(bytes(quiet, recorded));
    },
    6 * minutes,
  );

  it(
    "a shard that cannot write fails three times and is told with its log; the rest is recorded",
    async () => {
      const out = join(home, "poisoned");
      const template = join(home, "site.sh");
      const mended = join(home, "mended");
      // Files of this shard may not grow: to a program, a disk that is full for it alone.
      const limit = `[ "$SLURM_ARRAY_TASK_ID" = 2 ] && [ ! -e '${mended}' ] && ulimit -f 16`;
      writeFileSync(template, `#!/bin/bash\n#SBATCH --comment="the site's own"\n${limit}\n{command}\n`);
      await submit(out, 3, `slurm:${template}`);
      const status = await until(out, ({ failures }) => failures.some(({ times }) => times === 3));
      expect(status.merged).toBe(false);
      expect(status.shards).toEqual({ done: 2, running: 0, failed: 1, waiting: 0 });
      expect(status.failures).toMatchObject([{ what: "shard 2", times: 3 }]);
      expect(status.failures[0]?.error).toMatch(/could not be written/);
      const { stdout } = await run("jobs", out);
      expect(stdout).toContain("failed   shard 2, 3 times: rome:");
      expect(stdout).toContain(join(out, "jobs", "logs", "shard-2.log"));
      expect(stdout).toMatch(/^prepare {2}done$/m);
      await vi.waitUntil(() => slurm.run("squeue", "--noheader").trim() === "", { timeout: minutes, interval: 500 });
      expect(readFileSync(join(out, "jobs", "logs", "merge.log"), "utf8")).toMatch(/shard 2 failed 3 times/);
      const idle = (await run("jobs", out)).stdout;
      expect(idle).toMatch(/^merge {4}failed$/m);
      expect(idle).toContain(`then: rome jobs resume ${out}\n`);

      writeFileSync(mended, "");
      expect((await json<Submitted>("jobs", "resume", out)).shards).toEqual([2]);
      await until(out, ({ merged }) => merged);
      expect(bytes(out, recorded)).toEqual(bytes(quiet, recorded));
    },
    8 * minutes,
  );

  it(
    "usage that a shard refuses is not tried again; a program killed alone is told with its signal, and goes again",
    async () => {
      const out = join(home, "refused here");
      const template = join(home, "refusing.sh");
      const mended = join(home, "usable");
      const first = join(home, "first");
      // A fast machine records in less than the second of processor time that the least limit allows.
      const busy = join(home, "busy.cjs");
      writeFileSync(busy, "while (process.cpuUsage().user < 5e6);");
      const killed = `touch '${first}'; ulimit -t 1; export NODE_OPTIONS='--require ${busy}'`;
      writeFileSync(
        template,
        [
          "#!/bin/bash",
          `[ "$SLURM_ARRAY_TASK_ID" = 2 ] && [ ! -e '${mended}' ] && export ROME_DEVICE=abacus`,
          `if [ "$SLURM_ARRAY_TASK_ID" = 1 ] && [ ! -e '${first}' ]; then ${killed}; fi`,
          "{command}",
        ].join("\n"),
      );
      await submit(out, 3, `slurm:${template}`);
      const told: string[] = [];
      const status = await until(out, ({ states, failures }) => {
        told.push(...failures.map(({ what, error }) => `${what}: ${error}`));
        return states.merge === "failed";
      });
      expect(status.shards).toEqual({ done: 2, running: 0, failed: 1, waiting: 0 });
      expect(status.failures).toMatchObject([{ what: "shard 2", times: 1, error: expect.stringContaining("abacus") }]);
      expect(readFileSync(join(out, "jobs", "logs", "shard-1.log"), "utf8")).toMatch(/exit code 1(37|52)/);
      writeFileSync(mended, "");
      expect((await run("jobs", "resume", out)).stdout).toContain(`rome jobs '${out}'`);
      await until(out, ({ merged }) => merged);
      expect(bytes(out, recorded)).toEqual(bytes(quiet, recorded));
    },
    8 * minutes,
  );

  it(
    "a full disk: what was kept stays, and once there is room the same command goes on",
    async ({ skip, onTestFinished }) => {
      const disk = join(await temporaryFolder(), "disk");
      mkdirSync(disk);
      if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=8m", "tmpfs", disk]).status !== 0)
        skip("only root can mount a small disk");
      onTestFinished(() => void spawnSync("umount", ["-l", disk]));
      const out = join(disk, "full");
      await submit(out, 2);
      await untilInTheMiddle(out);
      const filler = join(disk, "filler");
      expect(() => {
        for (;;) appendFileSync(filler, Buffer.alloc(4096));
      }).toThrow("ENOSPC");
      await vi.waitUntil(() => slurm.run("squeue", "--noheader").trim() === "", {
        timeout: 3 * minutes,
        interval: 500,
      });
      const status = await json<JobsStatus>("jobs", out);
      expect(status.merged).toBe(false);
      expect(status.shards.failed).toBeGreaterThan(0);
      for (const { error } of status.failures) expect(error).toMatch(/could not be written|the disk of .* is full/);
      const kept = batches(out);
      const before = bytes(join(out, "batches"), kept);
      rmSync(filler);
      const { shards } = await submit(out, 2);
      expect(shards.length).toBeGreaterThan(0);
      expect(bytes(join(out, "batches"), kept)).toEqual(before);
      await until(out, ({ merged }) => merged);
      expect(bytes(out, recorded)).toEqual(bytes(quiet, recorded));
    },
    8 * minutes,
  );
});
