import { t } from "@vscode/l10n";
import type { LabTrace, LabTraceRequest } from "../../protocol/webview.ts";
import type { EngineClient } from "../engine/engineClient.ts";
import { isCancelled, messageOf } from "../engine/engineError.ts";

/** Runs the lab's causal trace, one at a time. */
export class Tracer {
  #state: LabTrace = { state: "none" };
  #abort: AbortController | undefined;

  constructor(
    private readonly engine: Pick<EngineClient, "request">,
    /** Names of the names file. */
    private readonly names: () => readonly string[],
    private readonly changed: () => void,
  ) {}

  get state(): LabTrace {
    return this.#state;
  }

  /** Ends in the state, not in an exception; a cancelled run leaves what was there before it. */
  async run({ of, name, count, window, samples, target }: LabTraceRequest): Promise<void> {
    if (this.#state.state === "running") return;
    const names = of === "name" ? [name.trim()].filter((text) => text !== "") : spread(this.names(), count);
    if (names.length === 0) {
      const message =
        of === "name" ? t("There is no name to trace. Type one.") : t("The names file has no names to average over.");
      this.#set({ state: "failed", failure: { message } });
      return;
    }
    const before = this.#state;
    const abort = new AbortController();
    this.#abort = abort;
    this.#set({ state: "running", names: names.length, progress: null });
    try {
      const request = {
        names,
        samples,
        ...(window === null ? {} : { window }),
        ...(target.trim() === "" ? {} : { target }),
      };
      const result = await this.engine.request("trace", request, {
        signal: abort.signal,
        progress: (progress) => {
          if (!abort.signal.aborted) this.#set({ state: "running", names: names.length, progress });
        },
      });
      this.#set({ state: "done", result });
    } catch (error) {
      this.#set(isCancelled(error) ? before : { state: "failed", failure: { message: messageOf(error) } });
    } finally {
      this.#abort = undefined;
    }
  }

  cancel(): void {
    this.#abort?.abort();
  }

  #set(state: LabTrace): void {
    this.#state = state;
    this.changed();
  }
}

/** `count` names at equal distances through the list; all of a shorter one. */
function spread(names: readonly string[], count: number): string[] {
  const step = Math.max(1, names.length / count);
  return Array.from({ length: Math.min(count, names.length) }, (_, i) => names[Math.floor(i * step)] as string);
}
