import { createContext, Script } from "node:vm";
import { RomeError } from "../../protocol/errors.ts";

/** Milliseconds that one text may take; honest patterns take a few for the longest prompt. */
const most = 10_000;

const room: { work: () => unknown } = { work: () => undefined };
const context = createContext(room);
const script = new Script("work()");

/**
 * Runs work whose regular expressions come from a file, under a clock. A pattern can be written so that matching it takes
 * for ever, and no look at it tells surely; V8 itself can stop one in the middle, but only for code that is run so. It
 * costs a tenth of a millisecond, and Ctrl-C ends it.
 *
 * @throws RomeError ("tokenizer") when the time is up, ("cancelled") on Ctrl-C, or what `work` throws
 */
export function bounded<T>(path: string, work: () => T): T {
  room.work = work;
  try {
    return script.runInContext(context, { timeout: most, breakOnSigint: true }) as T;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ERR_SCRIPT_EXECUTION_INTERRUPTED") throw new RomeError("cancelled", "Cancelled.");
    if (code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw error;
    throw new RomeError(
      "tokenizer",
      `A pattern in ${path} took more than ${most / 1000} seconds for one text. Shorten the text, or take the tokenizer from a source you trust.`,
    );
  }
}
