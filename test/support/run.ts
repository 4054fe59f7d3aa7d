import type { Run } from "../../src/protocol/run.ts";

/** A run that nobody stops and nobody watches; parts of it can be replaced. */
export function quietRun(parts: Partial<Run> = {}): Run {
  return { signal: new AbortController().signal, progress: () => {}, ...parts };
}
