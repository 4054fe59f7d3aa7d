/** Machine-readable causes. Each error carries one, so that a caller can act on it and a test can name it. */
export const reasons = [
  "checkpoint", // a checkpoint's files are missing, damaged or of an unsupported kind
  "architecture", // config.json names a model this project cannot run exactly
  "tokenizer", // the tokenizer is missing or does not fit
  "input", // a name, prompt, target, number or file the user gave
  "data", // a recorded data set that is damaged, locked or made with something else
  "memory", // not enough memory for what was asked
  "disk", // not enough space, or a file that cannot be written
  "network", // a download that failed
  "engine", // onnxruntime or the engine process could not do its part
  "cancelled", // the user stopped it; never shown as an error
] as const;
export type Reason = (typeof reasons)[number];

/**
 * An error that the user is meant to read: what happened, why, and what to do, in one or two sentences.
 * Everything the engine throws on bad input is one of these; any other error is a defect.
 */
export class RomeError extends Error {
  override readonly name = "RomeError";
  constructor(
    readonly reason: Reason,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** True for a RomeError, of the given reason if one is named. */
  static is(error: unknown, reason?: Reason): error is RomeError {
    return error instanceof RomeError && (reason === undefined || error.reason === reason);
  }
}

/** An error as `--json` gives it: what to do about it is what its message says after the first sentence; what is quoted ends none. */
export function describeFailure({
  reason,
  message,
}: RomeError): Record<"reason" | "message" | "remedy", string | null> {
  const remedy = /^(?:"(?:\\.|[^"\\])*"|[^"]|"(?=[^"]*$))*?[.:]\s+(?=\p{Lu})(.*)$/su.exec(message)?.[1] ?? null;
  return { reason, message, remedy };
}

/** Throws the `cancelled` error once the signal has been aborted. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new RomeError("cancelled", "Cancelled.");
}
