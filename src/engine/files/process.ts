import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** A process, so that another one can tell whether it still runs. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly host: string;
  /** Within which `pid` means this process and no other: this boot and, in a container, its own numbering. */
  readonly space: string;
  /** When it started, in the system's own count: a number that was given again is another process. */
  readonly started: string;
}

export function ownProcess(): ProcessIdentity {
  return { pid: process.pid, host: hostname(), space: space(), started: startOf(process.pid) };
}

/** "unknown" where the process is of another machine or container, or the system does not say when it started. */
export function fateOf({ pid, host, space: there, started }: ProcessIdentity): "alive" | "dead" | "unknown" {
  if (host !== hostname() || there !== space()) return "unknown";
  if (!isAlive(pid)) return "dead";
  if (started === "") return pid === process.pid ? "alive" : "unknown";
  return started === startOf(pid) ? "alive" : "dead";
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Only Linux has containers and says these things in files; elsewhere the host's name must do. */
function space(): string {
  return orEmpty(
    () => `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()} ${readlinkSync("/proc/self/ns/pid")}`,
  );
}

/** Field 22 of /proc/PID/stat, counted after the name in parentheses, which may hold anything (man 5 proc). */
function startOf(pid: number): string {
  return orEmpty(() => {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  });
}

function orEmpty(read: () => string): string {
  try {
    return read();
  } catch {
    return "";
  }
}
