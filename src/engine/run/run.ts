import type { Progress } from "../../protocol/engine.ts";

/** What every piece of work gets beside its parameters: how it is stopped, and where it says how far it is. */
export interface Run {
  /** Aborted when the caller gives up; the work then throws a `cancelled` RomeError. */
  readonly signal: AbortSignal;
  readonly progress: (progress: Progress) => void;
}
