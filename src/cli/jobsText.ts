import type { JobsStatus, Submitted } from "../protocol/jobs.ts";
import { duration } from "../text/amounts.ts";
import { fixed } from "../text/numbers.ts";
import { printable } from "../text/printable.ts";
import { shellWord } from "../text/shell.ts";

const listedFailures = 10;

export function submittedText({ jobs, shards, status }: Submitted, folder: string): string {
  const numbers = Object.entries(jobs).flatMap(([stage, job]) => (job === null ? [] : [`${stage} ${job}`]));
  const what = status.merged
    ? "Everything is done already."
    : numbers.length > 0
      ? `Submitted ${shards.length} of ${countOf(status)} shards: ${numbers.join(", ")}.`
      : shards.length > 0
        ? `Handed over ${shards.length} of ${countOf(status)} shards.`
        : status.shards.done === countOf(status)
          ? "All shards are done."
          : "Nothing to submit: all that is missing is in the queue.";
  const watch = `Watch them with: rome jobs ${shellWord(folder)}`;
  return [what, statusText(status, folder), ...(status.merged ? [] : [watch])].join("\n");
}

/** "shards  3 done, 2 running, 1 failed, 0 waiting", names, time left, the last error of each that failed, what to do. */
export function statusText(status: JobsStatus, folder: string): string {
  const { shards, merged, states, unit, names, namesPerSecond, secondsLeft, failures, reasons } = status;
  const { done, running, failed, waiting } = shards;
  const rate = namesPerSecond === null ? "" : `, ${fixed(namesPerSecond, 2)} ${unit}/s`;
  const left = secondsLeft === null ? "" : `, ${duration(secondsLeft)} left`;
  const why = reasons.map(({ reason, count }) => `${count} wait: ${printable(reason)}`);
  const hidden = failures.length - listedFailures;
  return [
    `prepare  ${stageWords[states.prepare]}`,
    `shards   ${done} done, ${running} running, ${failed} failed, ${waiting} waiting`,
    `${unit.padEnd(8)} ${names.recorded} of ${names.total} recorded${rate}${left}`,
    `merge    ${stageWords[states.merge]}`,
    `results  ${merged ? "merged" : "not merged yet"}`,
    ...(why.length > 0 ? [`queue    ${why.join("; ")}`] : []),
    ...failures
      .slice(0, listedFailures)
      .flatMap(({ what, times, error, log }) => [
        `failed   ${what}${times > 1 ? `, ${times} times` : ""}: ${printable(error)}`,
        `         ${log}`,
      ]),
    ...(hidden > 0 ? [`         and ${hidden} more`] : []),
    ...(isIdle(status) ? [`next     mend what failed, then: rome jobs resume ${shellWord(folder)}`] : []),
  ].join("\n");
}

const stageWords = { done: "done", running: "running", waiting: "waiting", failed: "failed", none: "not begun" };

/** Something failed, and nothing goes on by itself. */
function isIdle({ merged, states, shards, failures, reasons }: JobsStatus): boolean {
  const isOver = (state: keyof typeof stageWords) => state !== "running" && state !== "waiting";
  const isWorking = shards.running > 0 || reasons.length > 0 || !Object.values(states).every(isOver);
  return !merged && failures.length > 0 && !isWorking;
}

function countOf({ shards: { done, running, failed, waiting } }: JobsStatus): number {
  return done + running + failed + waiting;
}
