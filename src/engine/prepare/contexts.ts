import type { Run } from "../../protocol/run.ts";
import type { Scene } from "./scene.ts";

/** Step: the prefix contexts that edits of this model rest on, sampled once and kept where edits look for them. */
export function findContexts({ rome }: Scene, run: Run): Promise<string[]> {
  return rome.contexts.of(undefined, run);
}

/**
 * Few of the contexts for edits that only compare settings: the bare prompt, and one of each of the others' lengths (the
 * first and the last of the list).
 */
export function fewContexts(contexts: readonly string[] | undefined): string[] {
  const [bare = "{}", ...others] = contexts ?? [];
  return [...new Set([bare, ...others.slice(0, 1), ...others.slice(-1)])];
}
