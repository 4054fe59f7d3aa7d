import { t } from "@vscode/l10n";
import { Emitter } from "vscode-jsonrpc";
import {
  type Call,
  type EngineOptions,
  type Method,
  type Params,
  type Result,
  requests,
} from "../../protocol/engine.ts";
import { EngineError, messageOf } from "./engineError.ts";
import { type EngineProcess, ProcessEnded } from "./engineProcess.ts";
import type { Log } from "./log.ts";
import { describeRuntime, type Runtime } from "./nodeRuntime.ts";

export type EngineState =
  | { kind: "stopped" }
  | { kind: "starting" }
  | { kind: "ready"; busy: boolean; runtime: Runtime; memoryBytes: number; pid: number | undefined }
  | { kind: "failed"; message: string };

/** What the client needs from outside; functions, so that settings are read when they are needed. */
export interface EngineHost {
  spawn(): Promise<EngineProcess>;
  options(runtime: Runtime): EngineOptions;
  /** Idle time after which the process is stopped; 0 for never. */
  idleMs(): number;
  /** Silence after which a working process is killed; 0 for never. */
  unresponsiveMs(): number;
  log: Log;
}

/** This many unexpected ends within the window, and the engine stays down until the user restarts it. */
const restartCap = 3;
const restartWindowMs = 5 * 60_000;
const watchIntervalMs = 1000;

/**
 * The one way to the engine: starts it on first use, watches it, starts it again when it ends (with a cap), repeats the
 * requests for which that is safe, and stops it when it is idle.
 */
export class EngineClient {
  readonly #stateChanged = new Emitter<EngineState>();
  readonly onDidChangeState = this.#stateChanged.event;
  #process: EngineProcess | undefined;
  #starting: Promise<EngineProcess> | undefined;
  #failure: EngineError | undefined;
  #pending = 0;
  #ends: number[] = [];
  #idleTimer: NodeJS.Timeout | undefined;
  #watch: NodeJS.Timeout | undefined;
  #disposed = false;

  constructor(private readonly host: EngineHost) {}

  get state(): EngineState {
    if (this.#failure) return { kind: "failed", message: this.#failure.message };
    if (this.#process) {
      const { runtime, memoryBytes, pid } = this.#process;
      return { kind: "ready", busy: this.#pending > 0, runtime, memoryBytes, pid };
    }
    return { kind: this.#starting ? "starting" : "stopped" };
  }

  /**
   * Sends one request, starting the engine if need be.
   *
   * @throws EngineError with words for the user
   */
  async request<M extends Method>(method: M, params: Params<M>, call: Partial<Call> = {}): Promise<Result<M>> {
    const { signal = new AbortController().signal, progress = () => {} } = call;
    clearTimeout(this.#idleTimer);
    this.#pending++;
    this.#changed();
    try {
      for (let attempt = 1; ; attempt++) {
        try {
          const process = await this.#running();
          return await process.request(method, params, { signal, progress });
        } catch (error) {
          if (!(error instanceof ProcessEnded)) throw error;
          if (this.#failure) throw this.#failure;
          if (!requests[method].repeatable || attempt === 2) throw interrupted(error.message);
        }
      }
    } finally {
      this.#pending--;
      this.#scheduleIdleStop();
      this.#changed();
    }
  }

  /** Stops the engine and starts it anew, clearing a failure. Waiting requests are repeated or rejected as after a crash. */
  async restart(): Promise<void> {
    await this.stop();
    this.#failure = undefined;
    this.#ends = [];
    await this.#running();
  }

  /** Stops the engine; the next request starts it again. */
  async stop(): Promise<void> {
    const process = this.#process ?? (await this.#starting?.catch(() => undefined));
    this.#forget();
    this.#failure = undefined;
    this.#changed();
    await process?.stop();
  }

  dispose(): void {
    this.#disposed = true;
    clearTimeout(this.#idleTimer);
    void this.stop().finally(() => this.#stateChanged.dispose());
  }

  /** The process, started if it is not there. */
  #running(): Promise<EngineProcess> {
    if (this.#disposed) return Promise.reject(new EngineError("cancelled", t("The editor is closing.")));
    if (this.#failure) return Promise.reject(this.#failure);
    if (this.#process) return Promise.resolve(this.#process);
    this.#starting ??= this.#start().finally(() => {
      this.#starting = undefined;
      this.#changed();
    });
    this.#changed();
    return this.#starting;
  }

  async #start(): Promise<EngineProcess> {
    const begin = performance.now();
    const process = await this.host.spawn();
    this.host.log.info(`Engine process ${process.pid} starts on ${describeRuntime(process.runtime)}.`);
    const quiet = { signal: new AbortController().signal, progress: () => {} };
    try {
      await process.request("initialize", this.host.options(process.runtime), quiet);
    } catch (error) {
      process.kill("it could not be set up");
      const why = error instanceof ProcessEnded ? t("The engine did not start: {0}.", error.message) : messageOf(error);
      this.#failure = new EngineError("engine", t('{0} Look at the log, then run "ROME: Restart Engine".', why), {
        cause: error,
      });
      throw this.#failure;
    }
    this.host.log.info(`Engine process ${process.pid} is ready after ${Math.round(performance.now() - begin)} ms.`);
    this.#process = process;
    this.#watch = setInterval(() => this.#check(process), watchIntervalMs);
    void process.ended.then((how) => {
      if (this.#process === process) this.#lost(how, process.killedOnCancel);
    });
    return process;
  }

  /** The process ended by itself. */
  #lost(how: string, onCancel: boolean): void {
    this.#forget();
    const now = performance.now();
    this.#ends = [...this.#ends.filter((time) => now - time < restartWindowMs), ...(onCancel ? [] : [now])];
    this.host.log[onCancel ? "warn" : "error"](`The engine process ended: ${how}.`);
    if (this.#ends.length > restartCap) {
      this.#failure = new EngineError(
        "engine",
        t(
          'The engine ended {0} times within {1} minutes (the last time {2}) and is not started again by itself. Look at the log, then run "ROME: Restart Engine".',
          this.#ends.length,
          restartWindowMs / 60_000,
          how,
        ),
      );
    } else if (this.#pending > 0) {
      this.#running().catch((error: unknown) => this.host.log.error(messageOf(error)));
    }
    this.#changed();
  }

  #forget(): void {
    clearInterval(this.#watch);
    this.#process = undefined;
  }

  /** Reports memory, and kills a process that has work and gives no sign of life. */
  #check(process: EngineProcess): void {
    const limit = this.host.unresponsiveMs();
    const silence = performance.now() - process.lastSign;
    if (limit > 0 && this.#pending > 0 && silence > limit) {
      process.kill(`it gave no sign of life for ${Math.round(silence / 1000)} seconds`);
    }
    this.#changed();
  }

  #scheduleIdleStop(): void {
    const after = this.host.idleMs();
    clearTimeout(this.#idleTimer);
    if (this.#pending > 0 || after === 0) return;
    this.#idleTimer = setTimeout(() => {
      if (this.#pending > 0 || !this.#process) return;
      this.host.log.info("The engine was idle and is stopped.");
      void this.stop();
    }, after);
    this.#idleTimer.unref?.();
  }

  #changed(): void {
    this.#stateChanged.fire(this.state);
  }
}

function interrupted(how: string): EngineError {
  return new EngineError(
    "engine",
    t(
      "The engine process ended while it worked on this: {0}. It is started again, and nothing that was finished is lost; run the command again.",
      how,
    ),
  );
}
