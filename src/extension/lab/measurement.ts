import { t } from "@vscode/l10n";
import type { Call } from "../../protocol/engine.ts";
import type { LabMeasured, LabNames } from "../../protocol/labMeasurements.ts";
import { isCancelled, messageOf } from "../engine/engineError.ts";

/** One kind of measurement in the lab: one run at a time, its latest result kept. */
export class Measurement<T> {
  #state: LabMeasured<T> = { state: "none" };
  /** What was there before what runs. */
  #before: LabMeasured<T> = { state: "none" };
  #abort: AbortController | undefined;

  constructor(
    /** Names of the names file. */
    private readonly names: () => readonly string[],
    private readonly changed: () => void,
  ) {}

  get state(): LabMeasured<T> {
    return this.#state;
  }

  /** Ends in the state, not in an exception; a cancelled run leaves what was there before it. */
  async run({ of, name, count }: LabNames, measure: (names: string[], call: Call) => Promise<T>): Promise<void> {
    if (this.#state.state === "running") return;
    const names = of === "name" ? [name.trim()].filter((text) => text !== "") : spread(this.names(), count);
    if (names.length === 0) {
      const message =
        of === "name" ? t("There is no name to measure. Type one.") : t("The names file has no names to average over.");
      this.#set({ state: "failed", failure: { message } });
      return;
    }
    await this.start(names.length, (call) => measure(names, call));
  }

  /** Runs at once, and ends what runs: the newest counts. Ends in the state, too. */
  async start(names: number, measure: (call: Call) => Promise<T>): Promise<void> {
    this.#abort?.abort();
    if (this.#state.state !== "running") this.#before = this.#state;
    const abort = new AbortController();
    this.#abort = abort;
    const set = (state: LabMeasured<T>) => {
      if (this.#abort === abort) this.#set(state);
    };
    set({ state: "running", names, progress: null });
    try {
      const result = await measure({
        signal: abort.signal,
        progress: (progress) => {
          if (!abort.signal.aborted) set({ state: "running", names, progress });
        },
      });
      set({ state: "done", result });
    } catch (error) {
      set(isCancelled(error) ? this.#before : { state: "failed", failure: { message: messageOf(error) } });
    } finally {
      if (this.#abort === abort) this.#abort = undefined;
    }
  }

  cancel(): void {
    this.#abort?.abort();
  }

  #set(state: LabMeasured<T>): void {
    this.#state = state;
    this.changed();
  }
}

/**
 * `count` names from all over the list; all of a shorter one. Of each pair of neighbours one or the other in turn, as
 * lists often alternate between two labels and equal distances would meet one of them alone.
 */
function spread(names: readonly string[], count: number): string[] {
  if (count >= names.length) return [...names];
  const pairs = Math.floor(names.length / 2);
  const step = pairs / count;
  if (step < 1) return names.slice(0, count);
  return Array.from({ length: count }, (_, i) => names[2 * Math.floor(i * step) + (i % 2)] as string);
}
