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
  const recorded: string[][] = [];
  const merged: ClusterWork[] = [];
  const cluster = new Cluster(
    { request: async (method: string, params: never) => answer(method, params) } as unknown as EngineClient,
    {
      setRecorded: async (model: string, folder: string) => void recorded.push([model, folder]),
      load: async () => {},
    } as unknown as Reports,
    { reopen: async () => {} } as ModelService,
    kept,
    (work) => merged.push(work),
    log,
  );
  return { cluster, recorded, merged, kept };
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
    { model: "embedded", folder: "/f" },
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
  expect(later.cluster.works).toEqual([{ model: "embedded", folder: "/f" }]);
  seen = status(1);
  await later.cluster.refresh();
  expect(later.cluster.works[0]?.status?.shards.done).toBe(1);
  expect(later.merged).toEqual([]);
  seen = status(2, true);
  await later.cluster.refresh();
  expect(later.recorded).toEqual([["embedded", "/f"]]);
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

it("Slurm is there where the PATH holds sbatch", async () => {
  const folder = await temporaryFolder();
  expect(hasSlurm(`/nowhere:${folder}`)).toBe(false);
  writeFileSync(join(folder, "sbatch"), "");
  expect(hasSlurm(`/nowhere:${folder}`)).toBe(true);
});
