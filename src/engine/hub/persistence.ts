import { setTimeout as pause } from "node:timers/promises";
import { RomeError, throwIfCancelled } from "../../protocol/errors.ts";

/** A failure that may pass: a server that is busy, a connection that broke. */
export class PassingError extends Error {
  constructor(
    message: string,
    /** Seconds that the server asked to be left alone. */
    readonly retryAfter = 0,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export interface Patience {
  readonly signal: AbortSignal | undefined;
  /** Milliseconds before the second attempt; each further pause is twice as long. */
  readonly firstPause: number;
}

/** Attempts in a row that get nowhere before it is given up. */
const mostAttempts = 5;
const longestPause = 60_000;

/**
 * Repeats `attempt` while it fails by a `PassingError`, with growing pauses. An attempt that moved `position` on counts
 * as progress: the patience begins anew.
 *
 * @throws RomeError ("network") when it is given up; ("cancelled"); whatever else `attempt` throws
 */
export async function persistently<T>(
  attempt: () => Promise<T>,
  { signal, firstPause }: Patience,
  position: () => number = () => 0,
): Promise<T> {
  for (let failures = 0, before = position(); ; before = position()) {
    throwIfCancelled(signal);
    try {
      return await attempt();
    } catch (error) {
      throwIfCancelled(signal);
      if (!(error instanceof PassingError)) throw error;
      failures = position() > before ? 1 : failures + 1;
      if (failures >= mostAttempts)
        throw new RomeError(
          "network",
          `${error.message}, ${mostAttempts} times in a row. Try again later: what has arrived is kept.`,
          { cause: error },
        );
      const wait = Math.max(firstPause * 2 ** (failures - 1), 1000 * error.retryAfter);
      await pause(Math.min(wait, longestPause), undefined, { signal }).catch(() => undefined);
    }
  }
}
