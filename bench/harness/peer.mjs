import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

/** A process that answers requests, a JSON line each; it stays warm between them. */
export class Peer {
  #child;
  #lines;
  #watch;
  #alone;
  /** Peak of the process' anonymous memory and of all its resident memory, in bytes (Linux). */
  memory = { anonymous: 0, total: 0 };

  constructor(name, command, args, { env = process.env } = {}) {
    this.name = name;
    this.#child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"], env });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
    this.#watch = setInterval(() => this.#look(), 10);
    this.#alone = Promise.resolve();
  }

  #look() {
    const { anonymous, total } = memoryOf(this.#child.pid);
    this.memory = {
      anonymous: Math.max(this.memory.anonymous, anonymous),
      total: Math.max(this.memory.total, total),
    };
  }

  /** @returns the method's answer; `seconds` is the time it took inside the peer */
  call(method, params) {
    const answer = this.#alone.then(() => this.#ask(method, params));
    this.#alone = answer.catch(() => {});
    return answer;
  }

  async #ask(method, params) {
    this.#child.stdin.write(`${JSON.stringify({ method, params })}\n`);
    const { value, done } = await this.#lines.next();
    if (done) {
      if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, "close");
      throw new Error(
        `${this.name} ended during ${method}: ${this.#child.signalCode ?? `exit code ${this.#child.exitCode}`}`,
      );
    }
    const answer = JSON.parse(value);
    if (answer.error) throw new Error(`${this.name}, ${method}: ${answer.error}`);
    return answer;
  }

  /** Ends it in the middle of whatever it does. */
  kill() {
    clearInterval(this.#watch);
    this.#child.kill("SIGKILL");
  }

  async close() {
    clearInterval(this.#watch);
    const closed = once(this.#child, "close");
    this.#child.stdin.end();
    await closed;
  }
}

/** Anonymous and total resident memory of a process now, in bytes; 0 where the system does not tell. */
export function memoryOf(pid) {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const read = (field) => 1024 * Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0);
    return { anonymous: read("RssAnon"), total: read("VmHWM") };
  } catch {
    return { anonymous: 0, total: 0 };
  }
}
