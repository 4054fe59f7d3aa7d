import type { CancellationToken } from "vscode";
import type { Call } from "../../protocol/engine.ts";

/** A request's signal and progress from the editor's token and callback. */
export function callOf(token: CancellationToken, progress: Call["progress"]): Call {
  const abort = new AbortController();
  token.onCancellationRequested(() => abort.abort());
  return { signal: abort.signal, progress };
}
