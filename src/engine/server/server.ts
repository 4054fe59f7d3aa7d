import * as v from "valibot";
import { ErrorCodes, type MessageConnection, ResponseError } from "vscode-jsonrpc/node";
import {
  type Call,
  type EngineApi,
  type EngineOptions,
  envelope,
  heartbeatInterval,
  type Method,
  type NotificationName,
  type NotificationParams,
  requests,
} from "../../protocol/engine.ts";
import { type Reason, RomeError } from "../../protocol/errors.ts";
import { refusalOfSystem } from "../../protocol/refusal.ts";

type AnyMethod = (params: unknown, call: Call) => Promise<unknown>;

/**
 * Answers the requests of src/protocol/engine.ts on a connection: checks parameters, hands the request to the engine,
 * turns cancellation into an aborted signal and errors into responses with a reason. Stacks go to the log only.
 *
 * @param createEngine called once, by `initialize`
 */
export function serve(
  connection: MessageConnection,
  createEngine: (options: EngineOptions) => Promise<EngineApi>,
): void {
  let engine: Promise<EngineApi> | undefined;
  const notify = <N extends NotificationName>(name: N, params: NotificationParams<N>) =>
    void connection.sendNotification(name, params);

  async function dispatch(method: Method, raw: unknown, call: Call): Promise<unknown> {
    const params = v.safeParse(requests[method].params, raw);
    if (!params.success) throw new RomeError("input", `Invalid request "${method}": ${v.summarize(params.issues)}`);
    if (method === "initialize") {
      engine ??= createEngine(params.output as EngineOptions);
      await engine;
      return {};
    }
    if (!engine) throw new RomeError("engine", `"${method}" came before "initialize".`);
    return ((await engine)[method] as AnyMethod)(params.output, call);
  }

  for (const method of Object.keys(requests) as Method[]) {
    connection.onRequest(method, async (raw: unknown, token) => {
      const abort = new AbortController();
      const subscription = token.onCancellationRequested(() => abort.abort());
      try {
        const { token: progressToken, params } = v.parse(envelope, raw);
        return await dispatch(method, params, {
          signal: abort.signal,
          progress: (progress) => notify("progress", { token: progressToken, progress }),
        });
      } catch (error) {
        return toResponse(refusalOfSystem(error) ?? error, (message) =>
          notify("log", { level: "error", message: `${method}: ${message}` }),
        );
      } finally {
        subscription.dispose();
      }
    });
  }
  connection.listen();
  const beat = () => notify("heartbeat", { memoryBytes: process.memoryUsage.rss() });
  beat();
  const timer = setInterval(beat, heartbeatInterval);
  connection.onClose(() => clearInterval(timer));
}

/** A RomeError keeps its reason and words; anything else is a defect: its stack is logged and the user told where. */
function toResponse(error: unknown, log: (message: string) => void): ResponseError<{ reason: Reason }> {
  if (RomeError.is(error)) {
    const code = error.reason === "cancelled" ? cancelledCode : ErrorCodes.UnknownErrorCode;
    if (error.cause) log(`${error.message} Cause: ${describeError(error.cause)}`);
    return new ResponseError(code, error.message, { reason: error.reason });
  }
  log(describeError(error));
  const message = error instanceof Error ? error.message : String(error);
  return new ResponseError(ErrorCodes.InternalError, `The engine failed: ${message}`, { reason: "engine" });
}

/** LSP's code for a request that was cancelled. */
const cancelledCode = -32800;

function describeError(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
