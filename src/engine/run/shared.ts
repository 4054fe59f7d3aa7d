import { RomeError, throwIfCancelled } from "../../protocol/errors.ts";
import type { Run } from "../../protocol/run.ts";

interface Making<T> {
  readonly made: Promise<T>;
  /** Those who wait for it; empty once it is made. */
  readonly waiting: Set<Run>;
  readonly abort: AbortController;
}

/**
 * What is made once and used by many, by key. Whoever asks while it is being made waits for the same making and hears
 * its progress; it is stopped only when all of them have given up. What could not be made is forgotten.
 */
export class Shared<T> {
  readonly #known = new Map<string, Making<T>>();

  /** @throws what `make` throws; RomeError "cancelled" as soon as this caller's run is stopped */
  async get(key: string, make: (run: Run) => Promise<T>, run: Run): Promise<T> {
    throwIfCancelled(run.signal);
    const making = this.#known.get(key) ?? this.#begin(key, make);
    const { waiting, abort, made } = making;
    waiting.add(run);
    let stop = () => {};
    const stopped = new Promise<never>((_, reject) => {
      stop = () => {
        waiting.delete(run);
        reject(new RomeError("cancelled", "Cancelled."));
        // Forgotten at once, so that nobody comes to wait for what is being stopped.
        if (waiting.size === 0) {
          this.#forget(key, making);
          abort.abort();
        }
      };
    });
    run.signal.addEventListener("abort", stop);
    return Promise.race([made, stopped]).finally(() => {
      run.signal.removeEventListener("abort", stop);
      waiting.delete(run);
    });
  }

  forget(key: string): void {
    this.#known.delete(key);
  }

  #begin(key: string, make: (run: Run) => Promise<T>): Making<T> {
    const waiting = new Set<Run>();
    const abort = new AbortController();
    const progress: Run["progress"] = (now) => {
      for (const run of waiting) run.progress(now);
    };
    const making = { made: make({ signal: abort.signal, progress }), waiting, abort };
    this.#known.set(key, making);
    making.made.catch(() => this.#forget(key, making));
    return making;
  }

  #forget(key: string, making: Making<T>): void {
    if (this.#known.get(key) === making) this.#known.delete(key);
  }
}
