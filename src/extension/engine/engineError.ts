import type { Reason } from "../../protocol/errors.ts";

/** A failed request, in words for the user, with the reason by which the host decides what else to offer. */
export class EngineError extends Error {
  override readonly name = "EngineError";
  constructor(
    readonly reason: Reason,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** True for what the user stopped; it is never shown as an error. */
export function isCancelled(error: unknown): boolean {
  return error instanceof EngineError && error.reason === "cancelled";
}

/** The words of any error, without its stack. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
