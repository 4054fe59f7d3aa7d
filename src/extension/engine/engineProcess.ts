import { type ChildProcess, fork } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { t } from "@vscode/l10n";
import * as v from "valibot";
import {
  CancellationTokenSource,
  createMessageConnection,
  IPCMessageReader,
  IPCMessageWriter,
  type MessageConnection,
  ResponseError,
} from "vscode-jsonrpc/node";
import {
  type Call,
  errorData,
  type Method,
  notifications,
  type Params,
  type Progress,
  type Result,
  requests,
} from "../../protocol/engine.ts";
import { EngineError, messageOf } from "./engineError.ts";
import type { Log } from "./log.ts";
import type { Runtime } from "./nodeRuntime.ts";

/** The process ended while a request was waiting for it. */
export class ProcessEnded extends Error {}

/** Time that a process has to leave by itself when it is stopped. */
const stopGrace = 1000;

/** One forked engine process and its connection. Knows nothing of restarts; see EngineClient. */
export class EngineProcess {
  readonly #child: ChildProcess;
  readonly #connection: MessageConnection;
  readonly #progress = new Map<number, (progress: Progress) => void>();
  #nextToken = 1;
  #killReason: string | undefined;
  /** Resolves with how the process ended, for the log and the user: "it was ended by SIGKILL". */
  readonly ended: Promise<string>;
  /** Milliseconds of process time at the last sign of life. */
  lastSign = performance.now();
  memoryBytes = 0;
  /** It was killed for a request that the user had cancelled: no sign of trouble. */
  killedOnCancel = false;

  constructor(
    modulePath: string,
    readonly runtime: Runtime,
    private readonly log: Log,
    private readonly cancelGraceMs = 2000,
  ) {
    this.#child = fork(modulePath, [], {
      execPath: runtime.execPath,
      execArgv: [],
      env: environment(runtime),
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    this.ended = new Promise((resolve) => {
      this.#child.once("error", (error) => resolve(t("it could not be started: {0}", error.message)));
      this.#child.once("exit", (code, signal) => {
        const how = signal ? t("it was ended by {0}", signal) : t("it exited with code {0}", code ?? 0);
        resolve(this.#killReason ?? how);
      });
    });
    this.#child.stdout && this.#logLines(this.#child.stdout, (line) => log.info(line));
    this.#child.stderr && this.#logLines(this.#child.stderr, (line) => log.warn(line));
    this.#connection = createMessageConnection(new IPCMessageReader(this.#child), new IPCMessageWriter(this.#child), {
      error: log.error.bind(log),
      warn: log.warn.bind(log),
      info: log.info.bind(log),
      log: log.debug.bind(log),
    });
    this.#listen();
    void this.ended.then(() => this.#connection.dispose());
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /**
   * Sends one request and checks its answer.
   *
   * @throws EngineError what the engine answered, `cancelled` once the signal is aborted (the process is killed when it
   *   does not answer in time); ProcessEnded when the process ended first
   */
  async request<M extends Method>(method: M, params: Params<M>, call: Call): Promise<Result<M>> {
    if (call.signal.aborted) throw cancelled();
    const token = this.#nextToken++;
    const source = new CancellationTokenSource();
    let timer: NodeJS.Timeout | undefined;
    const abort = () => {
      source.cancel();
      timer = setTimeout(() => {
        this.killedOnCancel = true;
        this.kill(t("it did not stop in time when it was cancelled"));
      }, this.cancelGraceMs);
    };
    call.signal.addEventListener("abort", abort);
    this.#progress.set(token, call.progress);
    try {
      const answer: unknown = await Promise.race([
        this.#connection.sendRequest(method, { token, params }, source.token),
        this.ended.then((how) => Promise.reject(new ProcessEnded(how))),
      ]);
      // A typed table row: the schema of this method describes this method's result.
      return v.parse(requests[method].result as v.GenericSchema<Result<M>>, answer);
    } catch (error) {
      if (call.signal.aborted) throw cancelled();
      throw await this.#translate(error);
    } finally {
      clearTimeout(timer);
      call.signal.removeEventListener("abort", abort);
      this.#progress.delete(token);
      source.dispose();
    }
  }

  /** Asks the process to leave, and ends it when it does not. */
  async stop(): Promise<void> {
    this.#killReason = t("it was stopped");
    if (this.#child.connected) this.#child.disconnect();
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), stopGrace);
    await this.ended;
    clearTimeout(timer);
  }

  /** Ends the process at once. A forked child may be killed in the middle of a computation; a thread may not. */
  kill(reason: string): void {
    this.#killReason = reason;
    this.#child.kill("SIGKILL");
  }

  #listen(): void {
    const on = <N extends keyof typeof notifications>(
      name: N,
      handle: (params: v.InferOutput<(typeof notifications)[N]>) => void,
    ) =>
      this.#connection.onNotification(name, (raw: unknown) => {
        this.lastSign = performance.now();
        const params = v.safeParse(notifications[name], raw);
        if (params.success) handle(params.output as v.InferOutput<(typeof notifications)[N]>);
        else this.log.warn(`Unreadable "${name}" from the engine: ${v.summarize(params.issues)}`);
      });
    on("heartbeat", ({ memoryBytes }) => {
      this.memoryBytes = memoryBytes;
    });
    on("progress", ({ token, progress }) => this.#progress.get(token)?.(progress));
    on("log", ({ level, message }) => this.log[level](message));
    this.#connection.listen();
  }

  /** Errors of the wire become the engine's own; those of a connection that is going down wait to hear why. */
  async #translate(error: unknown): Promise<Error> {
    if (error instanceof ProcessEnded || error instanceof EngineError) return error;
    if (error instanceof v.ValiError) {
      return new EngineError("engine", t("The engine's answer could not be read: {0}", error.message));
    }
    if (error instanceof ResponseError) {
      const data = v.safeParse(errorData, error.data);
      if (data.success) return new EngineError(data.output.reason, error.message);
    }
    if (!this.#child.connected) return new ProcessEnded(await this.ended);
    return new EngineError("engine", messageOf(error), { cause: error });
  }

  #logLines(stream: Readable, write: (line: string) => void): void {
    createInterface({ input: stream }).on("line", (line) => write(`engine: ${line}`));
  }
}

function cancelled(): EngineError {
  return new EngineError("cancelled", t("Cancelled."));
}

/** The editor's own variables (debugger hooks, Electron switches) would reach into a foreign Node. */
function environment({ source }: Runtime): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(VSCODE_|ELECTRON_|NODE_OPTIONS$)/.test(name));
  return { ...Object.fromEntries(kept), ...(source === "electron" ? { ELECTRON_RUN_AS_NODE: "1" } : {}) };
}
