import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { vi } from "vitest";

/** In the environment of what a node's daemon starts for itself. */
const marker = "ROME_TEST_SLURM_NODE";
const programs = ["munged", "slurmctld", "slurmd", "sbatch", "squeue", "scancel"];

/** Why Slurm cannot be started here, or undefined. */
export function whyNoSlurm(): string | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "only root on Linux can start a Slurm";
  const missing = programs.filter((program) => spawnSync("sh", ["-c", `command -v ${program}`]).status !== 0);
  return missing.length > 0 ? `${missing.join(", ")} not installed: node test/support/installSlurm.mjs` : undefined;
}

/** A cluster of nodes on this machine, with all its files in one folder. */
export class TestSlurm {
  readonly #processes = new Map<string, ChildProcess>();

  private constructor(
    readonly folder: string,
    readonly nodes: readonly string[],
  ) {}

  /** What its commands need to find it. */
  get env(): Record<string, string> {
    return { SLURM_CONF: join(this.folder, "slurm.conf") };
  }

  /** @param folder an empty one, whose path is short enough for a socket */
  static async start(folder: string, nodes: readonly string[]): Promise<TestSlurm> {
    const slurm = new TestSlurm(folder, nodes);
    mkdirSync(join(folder, "state"));
    const own = (name: string) => join(folder, name);
    writeFileSync(own("munge.key"), randomBytes(1024), { mode: 0o400 });
    writeFileSync(own("slurm.conf"), configuration(folder, nodes, await freePorts(1 + nodes.length)));
    const munge = ["key-file=munge.key", "socket=munge.socket", "pid-file=munged.pid", "log-file=munged.log"];
    const options = [...munge, "seed-file=munge.seed"].map((option) => `--${option.replace("=", `=${folder}/`)}`);
    slurm.#start("munged", ["--foreground", "--force", ...options]);
    await vi.waitUntil(() => existsSync(own("munge.socket")), { timeout: 20_000 });
    slurm.#start("slurmctld", ["-D"]);
    for (const node of nodes) slurm.startNode(node);
    await vi.waitUntil(() => slurm.states().every((state) => state === "idle"), { timeout: 60_000, interval: 500 });
    return slurm;
  }

  /** The state of each node. */
  states(): string[] {
    const said = spawnSync("sinfo", ["--noheader", "--Node", "--format=%T"], { env: { ...process.env, ...this.env } });
    const states = String(said.stdout).split("\n").filter(Boolean);
    return states.length === this.nodes.length ? states : ["unknown"];
  }

  startNode(node: string): void {
    this.#start("slurmd", ["-D", "-N", node], node);
  }

  /** The node's daemon and all that it started are gone at once, as when its power fails. */
  killNode(node: string): void {
    const { SLURM_CONF } = this.env;
    const ofNode = [`${marker}=${node}`, `SLURMD_NODENAME=${node}`];
    for (const { pid, environment } of processes())
      if (environment.includes(`SLURM_CONF=${SLURM_CONF}`) && ofNode.some((each) => environment.includes(each)))
        killNow(pid);
  }

  run(command: string, ...args: string[]): string {
    return execFileSync(command, args, { env: { ...process.env, ...this.env }, encoding: "utf8" });
  }

  /** Ends every job, then every daemon that was started here. */
  async stop(): Promise<void> {
    spawnSync("scancel", ["--full", "--signal=KILL", "--user=root"], { env: { ...process.env, ...this.env } });
    await sleep(1000);
    for (const node of this.nodes) this.killNode(node);
    for (const daemon of this.#processes.values()) daemon.kill("SIGKILL");
  }

  #start(program: string, args: string[], name = program): void {
    const env = { ...process.env, ...this.env, [marker]: name };
    this.#processes.set(name, spawn(program, args, { env, stdio: "ignore" }));
  }
}

function configuration(folder: string, nodes: readonly string[], [port, ...ports]: readonly number[]): string {
  return [
    "ClusterName=rome",
    `SlurmctldHost=${hostname()}(127.0.0.1)`,
    `SlurmctldPort=${port}`,
    "SlurmUser=root",
    "SlurmdUser=root",
    "AuthType=auth/munge",
    `AuthInfo=socket=${folder}/munge.socket`,
    "CryptoType=crypto/munge",
    "ReturnToService=2",
    "MpiDefault=none",
    `StateSaveLocation=${folder}/state`,
    `SlurmdSpoolDir=${folder}/spool-%n`,
    `SlurmctldPidFile=${folder}/ctld.pid`,
    `SlurmdPidFile=${folder}/slurmd-%n.pid`,
    `SlurmctldLogFile=${folder}/ctld.log`,
    `SlurmdLogFile=${folder}/slurmd-%n.log`,
    "SwitchType=switch/none",
    "ProctrackType=proctrack/linuxproc",
    "TaskPlugin=task/none",
    "SelectType=select/cons_tres",
    "SelectTypeParameters=CR_Core",
    "JobCompType=jobcomp/none",
    "AccountingStorageType=accounting_storage/none",
    // So that a node that is gone is soon known to be.
    "SlurmdTimeout=5",
    "KillWait=2",
    "SchedulerParameters=sched_interval=1,batch_sched_delay=0",
    ...nodes.map(
      (node, i) =>
        `NodeName=${node} NodeHostname=${hostname()} NodeAddr=127.0.0.1 Port=${ports[i]} CPUs=1 RealMemory=4000`,
    ),
    `PartitionName=main Nodes=${nodes.join(",")} Default=YES MaxTime=INFINITE State=UP`,
    "",
  ].join("\n");
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve) =>
          server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port)),
        ),
    ),
  );
  for (const server of servers) server.close();
  return ports;
}

/** Every process that can be looked into, with its environment. */
function processes(): { pid: number; environment: string[] }[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((name) => {
      try {
        return [{ pid: Number(name), environment: readFileSync(`/proc/${name}/environ`, "utf8").split("\0") }];
      } catch {
        return [];
      }
    });
}

function killNow(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {}
}
