/** What memory is left, on systems of several kinds, laid out as files. */
import { mkdirSync, writeFileSync } from "node:fs";
import { freemem } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { freeMemory } from "../../../src/engine/runtime/freeMemory.ts";
import { temporaryFolder } from "../../support/fixtures.ts";

const gib = 2 ** 30;

async function system(files: Record<string, string>): Promise<string> {
  const root = await temporaryFolder();
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}
const meminfo = { "proc/meminfo": "MemTotal: 25165824 kB\nMemFree: 1024 kB\nMemAvailable:   20971520 kB\n" };

test("where nothing limits it, what the system has available", async () => {
  expect(freeMemory(await system(meminfo))).toBe(20 * gib);
  const group = { "proc/self/cgroup": "0::/user\n", "sys/fs/cgroup/user/memory.max": "max\n" };
  expect(freeMemory(await system({ ...meminfo, ...group }))).toBe(20 * gib);
});

test("the tightest control group above it, version 2, its cached files left out", async () => {
  const group = {
    "proc/self/cgroup": "0::/jobs/12\n",
    "sys/fs/cgroup/jobs/memory.max": `${6 * gib}\n`,
    "sys/fs/cgroup/jobs/memory.current": `${5 * gib}\n`,
    "sys/fs/cgroup/jobs/memory.stat": `anon 7\nactive_file ${gib}\ninactive_file ${2 * gib}\n`,
    "sys/fs/cgroup/jobs/12/memory.max": `${9 * gib}\n`,
    "sys/fs/cgroup/jobs/12/memory.current": `${gib}\n`,
  };
  expect(freeMemory(await system({ ...meminfo, ...group }))).toBe(4 * gib);
});

test("version 1, whose counts of groups below it begin with total_", async () => {
  const group = {
    "proc/self/cgroup": "5:cpu,cpuacct:/a\n4:memory:/a\n1:name=systemd:/a\n",
    "sys/fs/cgroup/memory/a/memory.limit_in_bytes": `${3 * gib}\n`,
    "sys/fs/cgroup/memory/a/memory.usage_in_bytes": `${2 * gib}\n`,
    "sys/fs/cgroup/memory/a/memory.stat": `active_file 5\ntotal_active_file ${gib}\ntotal_inactive_file 0\n`,
    "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
    "sys/fs/cgroup/memory/memory.usage_in_bytes": "1\n",
  };
  expect(freeMemory(await system({ ...meminfo, ...group }))).toBe(2 * gib);
});

test("a system that tells nothing of the kind says what is free", async () => {
  const left = freeMemory(await system({}));
  expect(left).toBeGreaterThan(0);
  expect(left).toBeLessThan(2 * freemem() + gib);
});
