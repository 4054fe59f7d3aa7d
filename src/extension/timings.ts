/** Durations by what took them, for the log and the debug information. */
export class Timings {
  readonly #kinds = new Map<string, { count: number; sum: number; max: number }>();

  constructor(private readonly log: { debug(message: string): void }) {}

  add(kind: string, milliseconds: number): void {
    const { count, sum, max } = this.#kinds.get(kind) ?? { count: 0, sum: 0, max: 0 };
    this.#kinds.set(kind, {
      count: count + 1,
      sum: sum + milliseconds,
      max: Math.max(max, milliseconds),
    });
    this.log.debug(`${kind}: ${milliseconds.toFixed(1)} ms`);
  }

  /** One line a kind: "hover: 12 times, mean 0.8 ms, max 3.1 ms". */
  summary(): string[] {
    return [...this.#kinds].map(
      ([kind, { count, sum, max }]) =>
        `${kind}: ${count} times, mean ${(sum / count).toFixed(1)} ms, max ${max.toFixed(1)} ms`,
    );
  }
}
