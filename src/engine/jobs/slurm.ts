import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { RomeError } from "../../protocol/errors.ts";
import { jobName, logPath, scriptPath, stages } from "./plan.ts";
import type { Queued, Scheduler, Submission } from "./scheduler.ts";

const separator = "|";
const running = new Set(["RUNNING", "COMPLETING", "SUSPENDED", "STOPPED", "SIGNALING", "STAGE_OUT"]);

/** Slurm by its own commands (https://slurm.schedmd.com/sbatch.html, squeue, scancel); it needs no accounting. */
export class Slurm implements Scheduler {
  readonly hasDependencies = true;

  constructor(
    readonly folder: string,
    /** Of sbatch, for all jobs: partition, time, memory. */
    readonly flags: readonly string[],
  ) {}

  async submit({ stage, shards, after }: Submission): Promise<string> {
    const stdout = await slurm("sbatch", [
      ...this.flags,
      "--parsable",
      `--job-name=${jobName(this.folder, stage)}`,
      `--output=${logPath(this.folder.replaceAll("%", "%%"), stage, "%a")}`,
      "--open-mode=append",
      // After a node's failure or a preemption it goes again by itself, with what it had kept.
      "--requeue",
      ...(shards ? [`--array=${ranges(shards)}`] : []),
      ...(after ? [`--dependency=after${after.ended}:${after.jobs.join(":")}`, "--kill-on-invalid-dep=yes"] : []),
      scriptPath(this.folder, stage),
    ]);
    // "NUMBER", or "NUMBER;CLUSTER" where there are several.
    return stdout.trim().split(";")[0] as string;
  }

  /** By the jobs' names, so that one whose number was never noted (a kill at that very moment) is found, too. */
  async queue(): Promise<Queued[]> {
    const stageOf = new Map(stages.map((stage) => [jobName(this.folder, stage), stage] as const));
    const format = ["%F", "%K", "%T", "%r", "%j"].join(separator);
    const names = [...stageOf.keys()].join(",");
    const stdout = await slurm("squeue", ["--noheader", "--array", `--name=${names}`, `--format=${format}`]);
    return stdout
      .split("\n")
      .map((line) => line.trim().split(separator))
      .flatMap(([job = "", task = "", state = "", reason = "", name = ""]): Queued[] => {
        const stage = stageOf.get(name);
        if (!stage) return [];
        const shard = /^\d+$/.test(task) ? { shard: Number(task) } : {};
        return [{ job, stage, ...shard, reason, state: running.has(state) ? "running" : "waiting" }];
      });
  }

  /** By accounting, where there is any, which remembers for long; else by the controller, which does for minutes. */
  async endings(jobs: readonly string[]): Promise<ReadonlyMap<string, string>> {
    if (jobs.length === 0) return new Map();
    const columns = "--format=JobID,State,ExitCode";
    const counted = ["--noheader", "--parsable2", "--allocations", `--jobs=${jobs.join(",")}`, columns];
    const accounted = (await asked("sacct", counted)).map((line) => line.split(separator));
    const found = accounted.length > 0 ? accounted : (await Promise.all(jobs.map(shown))).flat();
    return new Map(found.map(([id = "", state = "", exit = ""]) => [id, wordsOn(state, exit)]));
  }

  async cancel(jobs: readonly string[]): Promise<void> {
    if (jobs.length > 0) await slurm("scancel", [...new Set(jobs)]);
  }
}

/** The lines of a command's answer; none where it cannot answer. */
async function asked(command: string, args: readonly string[]): Promise<string[]> {
  const { stdout } = await promisify(execFile)(command, args, { maxBuffer: 2 ** 28 }).catch(() => ({ stdout: "" }));
  return stdout.split("\n").filter((line) => line.trim() !== "");
}

/** Number, state and exit code of a job, or of each task of an array, as the controller still shows them. */
async function shown(job: string): Promise<string[][]> {
  const lines = await asked("scontrol", ["--oneliner", "show", "job", job]);
  return lines.map((line) => {
    const field = (name: string) => new RegExp(`(?:^|\\s)${name}=(\\S*)`).exec(line)?.[1] ?? "";
    const task = field("ArrayTaskId");
    return [task ? `${job}_${task}` : job, field("JobState"), field("ExitCode")];
  });
}

/** "FAILED, exit code 1"; "OUT_OF_MEMORY, signal 9". */
function wordsOn(state: string, exit: string): string {
  const [code, signal] = exit.split(":").map(Number);
  const how = signal ? `, signal ${signal}` : code ? `, exit code ${code}` : "";
  return `${state.split(" ")[0]}${how}`;
}

/** "1-3,7" for 1, 2, 3, 7. */
export function ranges(numbers: readonly number[]): string {
  const sorted = [...numbers].sort((a, b) => a - b);
  const starts = sorted.filter((n, i) => sorted[i - 1] !== n - 1);
  return starts
    .map((start, i) => {
      const next = starts[i + 1];
      const end = next === undefined ? sorted.at(-1) : sorted[sorted.indexOf(next) - 1];
      return start === end ? `${start}` : `${start}-${end}`;
    })
    .join(",");
}

async function slurm(command: "sbatch" | "squeue" | "scancel", args: readonly string[]): Promise<string> {
  try {
    return (await promisify(execFile)(command, args, { maxBuffer: 2 ** 28 })).stdout;
  } catch (cause) {
    const { code, stderr = "", message } = cause as { code?: unknown; stderr?: string; message: string };
    if (code === "ENOENT")
      throw new RomeError(
        "input",
        `There is no ${command} here. Run this on a login node of the cluster, or use --on command.`,
        { cause },
      );
    const said =
      stderr
        .split("\n")
        .findLast((line) => /error/i.test(line))
        ?.trim() || message;
    const advice = adviceOn(said);
    throw new RomeError("engine", `${command} refused: ${said.replace(/\.$/, "")}.${advice}`, { cause });
  }
}

function adviceOn(said: string): string {
  if (/job array/i.test(said)) return " Fewer shards may help: MaxArraySize of the cluster bounds them.";
  if (/ClusterName|config|unable to contact|connect/i.test(said))
    return " Slurm is installed here, but no cluster answers: run this on a login node of one.";
  return "";
}
