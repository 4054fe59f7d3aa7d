import type { Progress } from "./engine.ts";

/** What every piece of work gets beside its parameters: how it is stopped, and where it says how far it is. */
export interface Run {
  /** Aborted when the caller gives up; the work then throws a `cancelled` RomeError. */
  readonly signal: AbortSignal;
  readonly progress: (progress: Progress) => void;
}

/** The run of a part of larger work: what it tells in detail is told under the count of the whole. */
export function within(run: Run, whole: () => Progress): Run {
  const progress = ({ detail }: Progress) => {
    if (detail) run.progress({ ...whole(), detail });
  };
  return { signal: run.signal, progress };
}
