import type { Command } from "commander";
import { cancelJobs, jobsStatus, resumeJobs } from "../../engine/tasks/jobs.ts";
import { RomeError } from "../../protocol/errors.ts";
import { type GlobalOptions, print } from "../context.ts";
import { statusText, submittedText } from "../jobsText.ts";

interface Flags extends GlobalOptions {
  readonly whole?: boolean;
}

/** Jobs that --on submitted: status, cancel, resume. */
export function jobsCommand(rome: Command): void {
  const jobs = rome.command("jobs").description("how far the jobs of a folder are that --on submitted");
  const folder = ["<folder>", "the results"] as const;
  jobs
    .command("status", { isDefault: true })
    .description("shards done, running, failed and waiting; names a second; the last error of each that failed")
    .argument(...folder)
    .action(async (results: string, _: unknown, command: Command) => {
      const status = await jobsStatus(results);
      print(command.optsWithGlobals<Flags>(), status, () => statusText(status, results));
    });
  jobs
    .command("cancel")
    .description("end them; what is recorded stays, and resume goes on from there")
    .argument(...folder)
    .action(async (results: string, _: unknown, command: Command) => {
      const status = await cancelJobs(results);
      print(command.optsWithGlobals<Flags>(), status, () => `Cancelled.\n${statusText(status, results)}`);
    });
  jobs
    .command("resume")
    .description("submit what is missing and is not in the queue")
    .argument(...folder)
    .option("--whole", "end with status 1 unless everything is recorded: what the merge job asks first")
    .action(async (results: string, _: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>();
      const result = await resumeJobs(results);
      const { done, running, failed, waiting } = result.status.shards;
      if (flags.whole && running + failed + waiting > 0)
        throw new RomeError(
          "data",
          `${done} of ${done + running + failed + waiting} shards are done. The others go on, and a later job merges them.`,
        );
      print(flags, result, () => submittedText(result, results));
    });
}
