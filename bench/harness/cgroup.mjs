import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * A memory cgroup below this process' own, for processes whose memory is to be limited (Linux, version 1; with version 2
 * a shell does it: systemd-run --scope -p MemoryMax=16G -p MemorySwapMax=0 COMMAND).
 */
export class Cgroup {
  constructor(bytes) {
    const own = /^\d+:memory:(.*)$/m.exec(readFileSync("/proc/self/cgroup", "utf8"))?.[1];
    if (own === undefined) throw new Error("this system has no memory cgroup of version 1");
    this.folder = join("/sys/fs/cgroup/memory", own, `rome-${process.pid}`);
    mkdirSync(this.folder);
    try {
      this.#write("memory.limit_in_bytes", bytes);
      // No more with swap than without.
      this.swapLimited = this.#try(() => this.#write("memory.memsw.limit_in_bytes", bytes));
    } catch (error) {
      this.remove();
      throw error;
    }
  }

  #write(file, value) {
    writeFileSync(join(this.folder, file), String(value));
  }

  #try(work) {
    try {
      work();
      return true;
    } catch {
      return false;
    }
  }

  #read(file) {
    return readFileSync(join(this.folder, file), "utf8");
  }

  /** A command line that runs a command inside. */
  enter(command, args) {
    return ["sh", ["-c", 'echo $$ > "$0/cgroup.procs" && exec "$@"', this.folder, command, ...args]];
  }

  /** What the group has come to so far, in bytes; page cache counts, and is given back where others need it. */
  get state() {
    const field = (text, name) => Number(new RegExp(`^${name} (\\d+)`, "m").exec(text)?.[1] ?? 0);
    const stat = this.#read("memory.stat");
    return {
      limit: Number(this.#read("memory.limit_in_bytes")),
      peak: Number(this.#read("memory.max_usage_in_bytes")),
      cache: field(stat, "total_cache") || field(stat, "cache"),
      swap: field(stat, "total_swap"),
      killed: field(this.#read("memory.oom_control"), "oom_kill"),
    };
  }

  remove() {
    this.#try(() => rmdirSync(this.folder));
  }
}
