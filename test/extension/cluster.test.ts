/** An experiment in Slurm's hands as the extension follows it: submitted, looked at, merged, remembered. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { EngineClient } from "../../src/extension/engine/engineClient.ts";
import { Cluster, type ClusterWork, hasSlurm } from "../../src/extension/experiment/cluster.ts";
import type { Reports } from "../../src/extension/experiment/reports.ts";
import type { ModelService } from "../../src/extension/models/modelService.ts";
import type { JobsStatus } from "../../src/protocol/jobs.ts";
import { temporaryFolder } from "../support/fixtures.ts";
import { memento } from "../support/memento.ts";

const log = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };
const status = (done: number, merged = false): JobsStatus => ({
  shards: { done, running: 2 - done, failed: 0, waiting: 0 },
  merged,
  jobs: { prepare: "1", array: "2", merge: "3" },
  states: { prepare: "done", merge: merged ? "done" : "waiting" },
  unit: "names",
  names: { recorded: 0, total: 0 },
  namesPerSecond: null,
  secondsLeft: null,
  failures: [],
  reasons: [],
});

function clusterOn(answer: (method: string, params: never) => unknown, kept = memento()) {
  const recorded: (string | undefined)[][] = [];
  const loaded: string[] = [];
  const merged: ClusterWork[] = [];
  const cluster = new Cluster(
    { request: async (method: string, params: never) => answer(method, params) } as unknown as EngineClient,
    {
      setRecorded: async (...given: string[]) => void recorded.push(given),
      load: async (model: string) => void loaded.push(model),
    } as unknown as Reports,
    { reopen: async () => {} } as ModelService,
    { folder: "chosen" },
    kept,
    (work) => merged.push(work),
    log,
  );
  return { cluster, recorded, loaded, merged, kept };
}

it("keeps what was submitted over a restart, and takes over the report once it is merged", async () => {
  let seen = status(0);
  const asked: unknown[] = [];
  const answer = (method: string, params: never) => {
    asked.push([method, params]);
    return method === "submitExperiment" ? { jobs: seen.jobs, shards: [1, 2], status: seen } : seen;
  };
  const { cluster, kept } = clusterOn(answer);
  await cluster.submit(
    { model: "embedded", folder: "/f", concept: "/c.json" },
    "/names.csv",
    { shards: 2, flags: ["--time", "1:00"] },
    { layer: 3 },
  );
  cluster.dispose();
  const request = {
    layer: 3,
    model: "embedded",
    namesFile: "/names.csv",
    folder: "/f",
    shards: 2,
    flags: ["--time", "1:00"],
  };
  expect(asked).toEqual([["submitExperiment", request]]);

  const later = clusterOn(answer, kept);
  expect(later.cluster.works).toEqual([{ model: "embedded", folder: "/f", concept: "/c.json" }]);
  seen = status(1);
  await later.cluster.refresh();
  expect(later.cluster.works[0]?.status?.shards.done).toBe(1);
  expect(later.merged).toEqual([]);
  seen = status(2, true);
  await later.cluster.refresh();
  expect(later.recorded).toEqual([["embedded", "/f", "/c.json"]]);
  expect(later.loaded).toEqual(["chosen"]);
  expect(later.merged).toHaveLength(1);
  expect(later.cluster.works).toEqual([]);
});

it("a scheduler that does not answer loses nothing; what is cancelled is gone", async () => {
  const { cluster } = clusterOn((method) => {
    if (method === "jobs") throw new Error("squeue: Connection refused");
    return { jobs: status(0).jobs, shards: [], status: status(0) };
  });
  await cluster.submit({ model: "embedded", folder: "/f" }, undefined, { shards: 2, flags: [] }, {});
  await cluster.refresh();
  expect(cluster.works).toHaveLength(1);
  await cluster.cancel("/f");
  expect(cluster.works).toEqual([]);
  cluster.dispose();
});

it("what is handed over while a report is taken over stays; what is kept wrongly is nothing", async () => {
  const kept = memento();
  await kept.update("rome.jobs", [{ model: "embedded" }]);
  const answer = (method: string) => (method === "jobs" ? status(2, true) : { status: status(2) });
  const { cluster, merged } = clusterOn(answer, kept);
  expect(cluster.works).toEqual([]);
  const submit = (folder: string) =>
    cluster.submit({ model: "embedded", folder }, undefined, { shards: 1, flags: [] }, {});
  await submit("/first");
  const looking = cluster.refresh();
  await submit("/second");
  await looking;
  expect(merged.map(({ folder }) => folder)).toEqual(["/first"]);
  expect(cluster.works.map(({ folder }) => folder)).toEqual(["/second"]);
  cluster.dispose();
});

it("Slurm is there where the PATH holds sbatch", async () => {
  const folder = await temporaryFolder();
  expect(hasSlurm(`/nowhere:${folder}`)).toBe(false);
  writeFileSync(join(folder, "sbatch"), "");
  expect(hasSlurm(`/nowhere:${folder}`)).toBe(true);
});
