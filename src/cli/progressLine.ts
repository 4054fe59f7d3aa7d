import type { WriteStream } from "node:tty";
import type { Progress } from "../protocol/engine.ts";
import { byteCount, duration } from "../text/amounts.ts";
import { fixed } from "../text/numbers.ts";
import { printable, printableLines } from "../text/printable.ts";

/** Shown only once a command has taken this long. */
const quiet = 1000;
/** Phases that count bytes. */
const byteful = new Set(["download", "check", "unpack", "export"]);

/** One line on stderr that tells how far a long command is; where it cannot be written over, a line now and then. */
export class ProgressLine {
  readonly #started = performance.now();
  #last = 0;
  /** The phase being shown; where it was first seen and where it last went on: the time left is judged between them. */
  #phase = { name: "", since: 0, first: 0, done: 0, at: 0 };

  /** Whether the line may be written over: never where escapes are not understood or not wanted. */
  readonly #live: boolean;

  constructor(
    readonly stream: WriteStream,
    { TERM, NO_COLOR }: NodeJS.ProcessEnv = process.env,
  ) {
    this.#live = stream.isTTY && TERM !== "dumb" && !NO_COLOR;
  }

  show({ phase, done, total, detail }: Progress): void {
    const now = performance.now();
    if (phase !== this.#phase.name) this.#phase = { name: phase, since: now, first: done, done, at: now };
    else if (done !== this.#phase.done) this.#phase = { ...this.#phase, done, at: now };
    const { since, first, at } = this.#phase;
    const waits = detail?.holder !== undefined;
    const interval = this.#live ? 100 : waits ? 3_000 : 10_000;
    if (now - this.#started < quiet || now - this.#last < interval) return;
    this.#last = now;
    const share = total > 0 ? done / total : 0;
    const bar = "█".repeat(Math.round(20 * share)).padEnd(20, "░");
    // What is counted moves in steps: while one is under way the time left falls.
    const left = done > first ? ((total - done) * (at - since)) / (done - first) - (now - at) : 0;
    const counted = phase !== "solve" && left > 0 ? `, ${duration(left / 1000)} left` : "";
    const rate = (1000 * (done - first)) / Math.max(1, now - since);
    const { layer, layers, secondsLeft } = detail ?? {};
    const eta = secondsLeft === undefined ? counted : `, at most ${duration(secondsLeft)} left`;
    const pass = layer === undefined ? "" : `, layer ${layer}/${layers}`;
    const loss = detail?.loss === undefined ? "" : `, loss ${fixed(detail.loss, 3)}`;
    const names = detail?.names?.length ? `  ${printable(detail.names.slice(-3).join(", "))}` : "";
    const amount = byteful.has(phase)
      ? `${byteCount(done)} of ${byteCount(total)}, ${byteCount(Math.max(0, rate))}/s`
      : `${done}/${total}`;
    const wait = waits ? `${phase}: ${printable(String(detail.holder))}` : `${phase}…`;
    this.#write(total > 0 ? `${phase} ${bar} ${amount}${pass}${loss}${eta}${names}` : wait);
  }

  note(text: string): void {
    this.clear();
    this.stream.write(`${printableLines(text)}\n`);
  }

  clear(): void {
    if (this.#live) this.stream.write("\r\x1b[K");
  }

  #write(text: string): void {
    if (this.#live) this.stream.write(`\r\x1b[K${text.slice(0, (this.stream.columns ?? 80) - 1)}`);
    else this.stream.write(`${text}\n`);
  }
}
