/** How shards stand, by what is recorded, by the queue and by earlier submissions; no scheduler is needed. */
import { expect, it } from "vitest";
import { ranges } from "../../../src/engine/jobs/slurm.ts";
import { isPoisoned, shardStates, stageState, type Work } from "../../../src/engine/jobs/states.ts";
import type { Handover } from "../../../src/engine/jobs/submissions.ts";

const work = (...kept: number[]): Work => ({
  prepared: true,
  shards: kept.map((each) => ({ kept: each, wanted: 5 })),
  merged: false,
});
const handover = (by: Handover["by"], ...kept: number[]): Handover => ({
  at: "2026-01-01T00:00:00.000Z",
  by,
  jobs: { prepare: null, array: "1", merge: "2" },
  shards: kept.map((each, index) => ({ shard: index + 1, kept: each })),
});
const states = (...args: Parameters<typeof shardStates>) => shardStates(...args).map(({ state }) => state);

it("a shard is done when all of it is recorded, whatever the queue says; else as the queue says", () => {
  const queue = [1, 2].map((shard) => ({ job: "1", stage: "shard", shard, state: "running", reason: "" }) as const);
  expect(states(work(5, 2, 2, 0), [handover("person", 0, 0, 0)], queue)).toEqual([
    "done",
    "running",
    "failed",
    "waiting",
  ]);
});

it("before what all rest on is made, no shard has failed or is done", () => {
  const unprepared = { ...work(0, 0), shards: [0, 0].map(() => ({ kept: 0, wanted: 0 })), prepared: false };
  expect(states(unprepared, [handover("person", 0, 0)], [])).toEqual(["waiting", "waiting"]);
});

it("three attempts without anything new are enough; one that recorded something begins anew, and so does a person", () => {
  const by = ["person", "merge", "merge"] as const;
  const failures = (kept: number, handovers: Handover[]) => shardStates(work(kept), handovers, [])[0];
  const stuck = failures(
    2,
    by.map((each) => handover(each, 2)),
  );
  expect(stuck?.failures).toBe(3);
  expect(stuck && isPoisoned(stuck)).toBe(true);
  const slow = failures(
    3,
    by.map((each, i) => handover(each, i)),
  );
  expect(slow?.failures).toBe(0);
  expect(failures(2, [...by.map((each) => handover(each, 2)), handover("person", 2)])?.failures).toBe(1);
});

it("what was cancelled did not fail", () => {
  const [state] = shardStates(work(2), [{ ...handover("person", 2), cancelled: true }], []);
  expect(state).toMatchObject({ state: "waiting", failures: 0 });
});

it("the jobs before and behind the array are done by what lies there, else as the queue says, else they failed", () => {
  const all = [handover("person", 0)];
  const merging = { job: "2", stage: "merge", state: "waiting", reason: "Dependency" } as const;
  expect(stageState("prepare", work(0), all, [])).toBe("done");
  expect(stageState("merge", work(0), all, [merging])).toBe("waiting");
  expect(stageState("merge", work(5), all, [{ ...merging, state: "running" }])).toBe("running");
  expect(stageState("merge", work(5), all, [])).toBe("failed");
  expect(stageState("merge", { ...work(5), merged: true }, all, [])).toBe("done");
  expect(stageState("merge", work(0), [], [])).toBe("none");
  expect(stageState("merge", work(0), [{ ...handover("person", 0), cancelled: true }], [])).toBe("none");
  expect(stageState("prepare", { ...work(0), prepared: false }, all, [])).toBe("none");
});

it("writes the numbers of an array as sbatch reads them", () => {
  expect(ranges([1])).toBe("1");
  expect(ranges([7, 1, 2, 3])).toBe("1-3,7");
  expect(ranges([1, 3, 5, 6])).toBe("1,3,5-6");
});
