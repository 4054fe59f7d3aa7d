import { readFileSync } from "node:fs";
import { freemem } from "node:os";
import { dirname, join } from "node:path";

/**
 * Bytes that this process can still take: what the system has available, or less where a control group limits it
 * (containers, batch systems; versions 1 and 2). Pages that only cache files count as free: they go when memory is
 * wanted, and stored weights are read through them.
 *
 * @param root where /proc and /sys lie
 */
export function freeMemory(root = "/"): number {
  return Math.min(availableOf(root), ...groupsOf(root).map(leftIn));
}

/** What Linux says is available, else what the system says is free. */
function availableOf(root: string): number {
  const kilobytes = /^MemAvailable:\s+(\d+) kB$/m.exec(text(join(root, "proc/meminfo")))?.[1];
  return kilobytes === undefined ? freemem() : 1024 * Number(kilobytes);
}

/** Names of a group's files in each version of control groups. */
interface Files {
  readonly folder: string;
  readonly limit: string;
  readonly used: string;
  readonly cached: RegExp;
}
const versions = {
  1: { limit: "memory.limit_in_bytes", used: "memory.usage_in_bytes", cached: /^total_(?:in)?active_file (\d+)$/gm },
  2: { limit: "memory.max", used: "memory.current", cached: /^(?:in)?active_file (\d+)$/gm },
};

/** The groups that this process is in, from its own up to the outermost. */
function groupsOf(root: string): Files[] {
  const lines = text(join(root, "proc/self/cgroup")).split("\n");
  return lines.flatMap((line) => {
    const [, controllers = "", path = "/"] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (controllers === "" && line.startsWith("0::")) return upwards(join(root, "sys/fs/cgroup"), path, versions[2]);
    if (!controllers.split(",").includes("memory")) return [];
    return upwards(join(root, "sys/fs/cgroup/memory"), path, versions[1]);
  });
}

function upwards(base: string, path: string, files: Omit<Files, "folder">): Files[] {
  const here = { folder: join(base, path), ...files };
  return path === "/" || path === "." ? [here] : [here, ...upwards(base, dirname(path), files)];
}

function leftIn({ folder, limit, used, cached }: Files): number {
  const most = text(join(folder, limit));
  // "max", or no such file: this group limits nothing.
  if (!/^\d+\s*$/.test(most)) return Number.POSITIVE_INFINITY;
  const cache = [...text(join(folder, "memory.stat")).matchAll(cached)].reduce(
    (sum, [, bytes]) => sum + Number(bytes),
    0,
  );
  return Math.max(0, Number(most) - Number(text(join(folder, used))) + cache);
}

/** A file's content; nothing where it is not there. */
function text(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
