/** Shards by any other scheduler: a command line that runs one script with the shard's number in the environment. */
import { existsSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { rome, temporaryFolder } from "../../support/fixtures.ts";

let folder: string;
let args: string[];
const recorded = ["manifest.json", "records.jsonl", "deltas.safetensors"];

beforeAll(async () => {
  folder = await temporaryFolder();
  const names = join(folder, "names.csv");
  const lines = readFileSync(join(import.meta.dirname, "../../../data/names.csv"), "utf8").split("\n");
  writeFileSync(names, `${lines.slice(0, 33).join("\n")}\n`);
  args = ["record", "--names", names, "--contexts", "2", "--steps", "4"];
});

it("prepares, runs the command and merges into the bytes of one run", async () => {
  const [alone, out] = [join(folder, "alone"), join(folder, "it's $HOME")];
  expect((await rome(...args, "--out", alone)).code).toBe(0);
  const loop = "for n in 0 1; do PART=$n {script} & done; wait; echo ended {shards} >&2";
  const on = ["--on", "command", "--shards", "2", "--index-variable", "PART", "--index-from", "0", "--out", out, loop];
  const { code, stdout, stderr } = await rome("--json", ...args, ...on);
  expect(stderr).toBe("ended 2\n");
  expect(code).toBe(0);
  const { jobs, shards, status } = JSON.parse(stdout);
  expect(jobs).toEqual({ prepare: null, array: null, merge: null });
  expect(shards).toEqual([1, 2]);
  expect(status).toMatchObject({ merged: true, shards: { done: 2 }, names: { recorded: 32, total: 32 } });
  for (const file of recorded) expect(readFileSync(join(out, file))).toEqual(readFileSync(join(alone, file)));
});

it("where the command does only a part, the rest is told, and the same command does it", async () => {
  const out = join(folder, "part");
  const on = (command: string) => [...args, "--on", "command", "--shards", "2", "--out", out, command];
  const first = await rome("--json", ...on("ROME_SHARD=2 {script}; ROME_SHARD=no {script}; true"));
  expect(first.code).toBe(0);
  expect(JSON.parse(first.stdout).status).toMatchObject({ merged: false, shards: { done: 1 } });
  expect((await rome("jobs", "cancel", out)).code).toBe(0);
  const second = await rome("--json", ...on("ROME_SHARD=1 {script}"));
  expect(JSON.parse(second.stdout)).toMatchObject({ shards: [1], status: { merged: true } });
});

it("a command that fails is told with its exit code and counts for nothing; what never began goes again", async () => {
  const out = join(folder, "failing");
  const submit = (command: string) => rome(...args, "--on", "command", "--shards", "2", "--out", out, "--", command);
  const failed = await submit("nosuchprog {script}");
  expect(failed.code).toBe(1);
  expect(failed.stderr).toMatch(/nosuchprog: command not found\nrome: The command failed \(exit code 127\)/);
  expect((await submit("true {script}")).stdout).toMatch(/Handed over 2 of 2 shards/);
  expect((await submit("false {script}")).stdout).toMatch(/Nothing to submit[\s\S]*10 minutes after/);
  const noted = join(out, "jobs/submissions.json");
  const [handover] = JSON.parse(readFileSync(noted, "utf8"));
  const early = new Date(Date.now() - 11 * 60_000).toISOString();
  writeFileSync(noted, JSON.stringify([{ ...handover, at: early }]));
  expect((await submit("for n in 1 2; do ROME_SHARD=$n {script}; done")).stdout).toMatch(/2 done[\s\S]*merged/);
});

it("shards whose processes were killed go again by the same command", async () => {
  const out = join(folder, "killed");
  const submit = (command: string) => rome(...args, "--on", "command", "--shards", "2", "--out", out, "--", command);
  await submit("true {script}");
  const logs = [1, 2].map((n) => join(out, `jobs/logs/shard-${n}.log`));
  for (const log of logs) writeFileSync(log, "recording 1 of 16\n");
  expect((await submit("true {script}")).stdout).toMatch(/Nothing to submit[\s\S]*2 running/);
  const noted = join(out, "jobs/submissions.json");
  const [handover] = JSON.parse(readFileSync(noted, "utf8"));
  const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000);
  writeFileSync(noted, JSON.stringify([{ ...handover, at: ago(5).toISOString() }]));
  for (const log of logs) utimesSync(log, ago(3), ago(3));
  expect((await submit("true {script}")).stdout).toMatch(/Handed over 2 of 2 shards/);
});

it("a trace's names and a sweep's layers are put together to what one run gives", async () => {
  const result = async (...more: string[]) => {
    const { code, stdout, stderr } = await rome("--json", ...more);
    expect(code, stderr).toBe(0);
    return { ...JSON.parse(stdout), seconds: 0 };
  };
  const works: [string[], number, string][] = [
    [["trace", "Ben", "Anna", "Zelda", "--samples", "2"], 3, "names"],
    [["sweep", "Ben", "Anna", "--contexts", "none", "--covariance", "none", "--steps", "2"], 6, "layers"],
  ];
  for (const [work, total, unit] of works) {
    const keep = join(folder, `kept ${unit}`);
    const picture = (name: string) => join(folder, `${name}-${unit}.svg`);
    const alone = await result(...work, "--out", picture("alone"));
    const half = await rome(...work, "--keep", keep, "--shard", "2/2");
    expect(half.stdout).toMatch(new RegExp(`${Math.floor(total / 2)} of ${total} ${unit}`));
    const all = ["--keep", keep, "--out", picture("joined")];
    const { status } = await result(...work, ...all, "--on", "command", "--shards", "2", "--", "ROME_SHARD=1 {script}");
    expect(status).toMatchObject({ merged: true, unit, names: { recorded: total, total }, shards: { done: 2 } });
    expect({ ...JSON.parse(readFileSync(join(keep, "result.json"), "utf8")), seconds: 0 }).toEqual(alone);
    expect(readFileSync(picture("joined"))).toEqual(readFileSync(picture("alone")));
  }
});

it("refuses before submission what recording itself would refuse, in its words", async () => {
  const out = join(folder, "checked");
  const none = join(folder, "none");
  const others = join(folder, "others.csv");
  writeFileSync(
    others,
    `${readFileSync(args[2] as string, "utf8")
      .split("\n")
      .slice(0, 31)
      .join("\n")}\n`,
  );
  const three = ["--count", "3", ...args.slice(1)];
  expect((await rome("record", ...three, "--out", out)).code).toBe(0);
  const half = join(folder, "half");
  expect((await rome("record", ...three, "--out", half, "--prepare")).code).toBe(0);
  const moved = join(folder, "moved");
  expect((await rome("record", ...three, "--out", moved, "--prepare")).code).toBe(0);
  const manifest = JSON.parse(readFileSync(join(moved, "manifest.json"), "utf8"));
  manifest.model.fingerprint = "0".repeat(64);
  writeFileSync(join(moved, "manifest.json"), JSON.stringify(manifest));
  const another = /another v_num_grad_steps \(4, not 3\)/;
  const cases: [string, string[], RegExp][] = [
    [out, [...three, "--steps", "3"], another],
    [out, ["--count", "4", ...args.slice(1)], /another names/],
    [out, [...three, "--names", others, "--seed", "1"], /another names/],
    [out, [...three, "--contexts", "none"], /another contexts/],
    [half, [...three, "--names", others, "--seed", "1"], /another names/],
    [moved, three, /another model/],
    [none, [...three, "--count", "0"], /--count takes/],
    [none, [...three, "--count", "100000"], /fewer than the 100,000 asked for/],
    [none, [...three, "--steps", "-1"], /--steps takes/],
    [none, [...three, "--layer", "99"], /Layer 99 cannot be edited/],
    [none, [...three, "--names", join(folder, "no.csv")], /names file .*no\.csv cannot be read/],
    [none, [...three, "--covariance", join(folder, "no.safetensors")], /no\.safetensors/],
    [none, ["--model", join(folder, "no-model"), ...three], /no-model/],
  ];
  const on = ["--on", "command", "--shards", "2"];
  for (const [at, more, message] of cases) {
    const alone = await rome("record", ...more, "--out", at);
    const submitted = await rome("record", ...more, "--out", at, ...on, "--", "echo submitted; true {script}");
    expect(submitted.stderr, more.join(" ")).toMatch(message);
    expect(submitted.stderr, more.join(" ")).not.toMatch(/^submitted/m);
    expect([submitted.code, submitted.stderr], more.join(" ")).toEqual([alone.code, alone.stderr]);
    expect(existsSync(join(at, "jobs"))).toBe(false);
  }
  expect((await rome("record", ...three, "--out", out, ...on, "--", "{script}")).stdout).toMatch(/Everything is done/);
}, 120_000);

it("refuses in words what cannot be submitted", async () => {
  const template = join(folder, "template.sh");
  writeFileSync(template, "#!/bin/bash\necho no place for the work\n");
  const submit = (...more: string[]) => rome(...args, "--out", join(folder, "bad"), ...more);
  const cases: [string[], number, RegExp][] = [
    [["--on", "slurm"], 2, /--on needs --shards/],
    [["--on", "pbs", "--shards", "2"], 2, /--on takes slurm, command/],
    [["--shards", "2"], 2, /--shards goes with --on/],
    [["Ben"], 2, /"Ben" is no argument of this command/],
    [["--on", "command", "--shards", "2"], 2, /takes one command line/],
    [["--on", "command", "--shards", "2", "qsub job.sh"], 2, /must hold \{script\}/],
    [["--on", "command", "--shards", "2", "--index-variable", "a b", "{script}"], 2, /name of an environment variable/],
    [["--on", `slurm:${template}`, "--shards", "2"], 2, /must hold \{command\} exactly once/],
    [["--on", "slurm", "--shards", "2", "--shard", "1/2"], 2, /goes without --on/],
  ];
  for (const [more, status, message] of cases) {
    const { code, stderr } = await submit(...more);
    expect(stderr, more.join(" ")).toMatch(message);
    expect(code, more.join(" ")).toBe(status);
  }
  const trace: [string[], RegExp][] = [
    [["--on", "slurm", "--shards", "2"], /--on needs --keep/],
    [["--shard", "1/2"], /--shard goes with --keep/],
    [["--keep", join(folder, "names.csv")], /is not a folder/],
    [["--keep", folder], /is there already and is not a folder of pieces/],
  ];
  for (const [more, message] of trace) expect((await rome("trace", "Ben", ...more)).stderr).toMatch(message);
  // A plan that no scheduler took is in nobody's way, and a damaged one can be deleted.
  const planned = join(folder, "planned");
  const on = ["--on", "command", "--shards", "2", "--out", planned];
  expect((await rome(...args, ...on, "{script} no || true")).code).toBe(0);
  expect((await rome(...args, "--key", "rome", ...on, "{script}")).stderr).toMatch(/were planned otherwise/);
  writeFileSync(join(planned, "jobs/submissions.json"), "[]");
  expect((await rome(...args, "--key", "rome", ...on, "{script} no || true")).code).toBe(0);
  writeFileSync(join(planned, "jobs/plan.json"), "{");
  expect((await rome("jobs", planned)).stderr).toMatch(/is damaged. Delete it/);
  const none = await rome("jobs", join(folder, "nowhere"));
  expect(none.stderr).toMatch(/No jobs were submitted for .*nowhere/);
  expect(none.code).toBe(1);
});
