import type { Stage } from "./plan.ts";

/** Something to submit: the script of a stage; of an array, which shards. */
export interface Submission {
  readonly stage: Stage;
  readonly shards?: readonly number[];
  /** Jobs to wait for, until they have ended: well ("ok"), or however ("any"). */
  readonly after?: { readonly jobs: readonly string[]; readonly ended: "ok" | "any" };
}

/** A job, or one task of an array, that the scheduler still has. */
export interface Queued {
  readonly job: string;
  readonly stage: Stage;
  readonly shard?: number;
  readonly state: "running" | "waiting";
  /** Why it waits, in the scheduler's words. */
  readonly reason: string;
  /** Nobody vouches for it any more: it may be submitted again. */
  readonly isDoubtful?: boolean;
}

/** What can take jobs, and tell of them. */
export interface Scheduler {
  /** A job can wait for others. */
  readonly hasDependencies: boolean;
  /** @returns the job's number; "engine" error in the scheduler's words where it takes none */
  submit(submission: Submission): Promise<string | null>;
  queue(): Promise<Queued[]>;
  /**
   * What it remembers of how jobs ended, in its own words: by a job's number, of an array's task NUMBER_SHARD. Empty
   * where it remembers nothing.
   */
  endings(jobs: readonly string[]): Promise<ReadonlyMap<string, string>>;
  cancel(jobs: readonly string[]): Promise<void>;
}
