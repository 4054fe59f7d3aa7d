import { join } from "node:path";
import type { Plan } from "../jobs/plan.ts";

/** What the jobs may need and a scheduler may not hand on. Tokens are secrets, and jobs read only what is here already. */
const variables = ["XDG_CACHE_HOME", "HF_HOME", "HF_HUB_CACHE", "ROME_DEVICE", "ELECTRON_RUN_AS_NODE"];

export interface JobPlanParams {
  readonly task: Plan["task"];
  readonly on: Plan["on"];
  readonly shards: number;
  /** The command and its options, without which part. */
  readonly given: readonly string[];
  /** The package, whose dist/ holds the command line. */
  readonly assetsFolder: string;
}

/** A plan whose jobs run the command line with the Node that runs this. */
export function jobPlan({ task, on, shards, given, assetsFolder }: JobPlanParams): Plan {
  const all = [...given];
  return {
    schema: 1,
    task,
    on,
    shards,
    cwd: process.cwd(),
    program: [process.execPath, join(assetsFolder, "dist", "cli.js")],
    arguments: {
      prepare: [...all, "--prepare"],
      shard: [...all, "--shard", `{shard}/${shards}`],
      merge: all,
    },
    environment: Object.fromEntries(
      variables.flatMap((name) => (process.env[name] ? [[name, process.env[name] as string]] : [])),
    ),
  };
}
