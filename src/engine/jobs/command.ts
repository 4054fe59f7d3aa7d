import { spawn } from "node:child_process";
import { once } from "node:events";
import { dirname } from "node:path";
import { RomeError } from "../../protocol/errors.ts";
import { quoted } from "../../text/shell.ts";
import { readLog } from "./logs.ts";
import { logPath, type Plan, scriptPath } from "./plan.ts";
import type { Queued, Scheduler, Submission } from "./scheduler.ts";
import { readHandovers } from "./submissions.ts";

/** A recording says how far it is every ten seconds; one that has said nothing for so long has ended. */
const silence = 120_000;
/** What has not begun so long after it was handed over is handed over again, if it is asked for: twice is no harm. */
const patience = 600_000;
const notStarted = "not started yet; what has not begun 10 minutes after, the same command hands over again";

/**
 * Any other scheduler, by one command line of the user's that runs the script of all shards. Whether the command waits
 * for them or only queues them is its own affair; of tasks that it cannot be asked about, their logs tell. There is
 * nothing to make a job wait for another, so preparing and merging are done here, before and after.
 */
export class Command implements Scheduler {
  readonly hasDependencies = false;

  constructor(
    readonly folder: string,
    readonly on: Extract<Plan["on"], { scheduler: "command" }>,
    readonly shards: number,
  ) {}

  async submit({ stage }: Submission): Promise<null> {
    const script = scriptPath(this.folder, stage);
    const line = stage === "shard" ? this.#filled(script) : `exec ${quoted(script)}`;
    // Its words are for the person, and stdout is for our own result.
    const child = spawn("bash", ["-c", line], { stdio: ["ignore", 2, 2] });
    const [code] = (await once(child, "exit").catch((cause) => {
      throw new RomeError("engine", `bash could not be started: ${(cause as Error).message}.`, { cause });
    })) as [number | null];
    if (code !== 0 && stage === "shard")
      throw new RomeError(
        "engine",
        `The command failed (${code === null ? "it was killed" : `exit code ${code}`}), so nothing counts as handed over. What it said stands above, and what shards said in ${dirname(logPath(this.folder, "shard", 1))}. Mend it and give the same command again.`,
      );
    if (code !== 0) throw new RomeError("engine", `${script} failed. Its log says why: ${logPath(this.folder, stage)}`);
    return null;
  }

  async queue(): Promise<Queued[]> {
    const last = (await readHandovers(this.folder)).findLast(({ shards }) => shards.length > 0);
    if (!last || last.cancelled) return [];
    const found = await Promise.all(
      last.shards.map(async ({ shard }): Promise<Queued | undefined> => {
        const log = await readLog(logPath(this.folder, "shard", shard));
        const common = { job: "", stage: "shard", shard } as const;
        const since = Date.parse(last.at);
        if (!log || log.writtenAt < since)
          return { ...common, state: "waiting", reason: notStarted, isDoubtful: Date.now() - since > patience };
        if (log.exitCode !== undefined || Date.now() - log.writtenAt > silence) return undefined;
        return { ...common, state: "running", reason: "" };
      }),
    );
    return found.filter((each) => each !== undefined);
  }

  async endings(): Promise<ReadonlyMap<string, string>> {
    return new Map();
  }

  /** They cannot be reached; whoever submitted them can. That they no longer count is noted by the caller. */
  async cancel(): Promise<void> {}

  #filled(script: string): string {
    const values: Record<string, string> = {
      script: quoted(script),
      shards: String(this.shards),
      folder: quoted(this.folder),
    };
    return this.on.command.replace(/\{(script|shards|folder)\}/g, (_, name: string) => values[name] as string);
  }
}
