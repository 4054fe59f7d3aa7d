import { dirname, join } from "node:path";
import { RomeError } from "../../protocol/errors.ts";
import type { Run } from "../../protocol/run.ts";
import { writeAtomically } from "../files/atomicWrite.ts";
import { makeFolder } from "../files/makeFolder.ts";
import { readText } from "../files/readText.ts";
import type { Model } from "../model/model.ts";
import { seededRandom } from "../numerics/seededRandom.ts";
import { Shared } from "../run/shared.ts";
import { type ContextParameters, checkContexts, parseContexts, readContexts, sampleContexts } from "./contexts.ts";
import { noteUnkept } from "./unkept.ts";

/** Which prefix contexts: sampled as published, a number of them, only the bare prompt, a file, or given ones. */
export type ContextChoice = number | "none" | { readonly file: string } | readonly string[] | undefined;

/** Of the prefix contexts that are sampled here. */
export const contextSeed = 0;

/** Prefix contexts of one model: from its folder, or sampled once and kept. */
export class ContextStore {
  readonly #sampled = new Shared<string[]>();

  constructor(
    readonly model: Model,
    /** Folder for what is made here; see `cacheOf`. */
    readonly cache: string,
    /** How many of which length are published. */
    readonly published: ContextParameters,
  ) {}

  /** @throws RomeError "input" for contexts that are none, naming their file; "disk", "cancelled" */
  async of(choice: ContextChoice, run: Run): Promise<string[]> {
    if (choice === "none") return ["{}"];
    if (Array.isArray(choice)) return checkContexts(choice, "contexts");
    if (typeof choice === "object") return readContexts((choice as { file: string }).file);
    const count = choice as number | undefined;
    const own = count === undefined ? await this.own() : undefined;
    if (own) return own;
    return this.sampled(count === undefined ? this.published : contextParameters(count), run);
  }

  /** So many of which length, sampled once and kept; errors as of `of`. */
  sampled(parameters: ContextParameters, run: Run): Promise<string[]> {
    const key = parameters.map(([length, of]) => `${of}x${length}`).join("-");
    return this.#sampled.get(key, (sampling) => this.#stored(key, parameters, sampling), run);
  }

  /** Those that lie in the model's folder, if any do: what is asked for no number of them uses these. */
  async own(): Promise<string[] | undefined> {
    const path = join(this.model.checkpoint.folder, "contexts.json");
    const text = await readText(path).catch(() => undefined);
    return text === undefined ? undefined : parseContexts(text, path);
  }

  async #stored(key: string, parameters: ContextParameters, run: Run): Promise<string[]> {
    const kept = join(this.cache, `contexts-${key}-seed${contextSeed}.json`);
    const text = await readText(kept).catch(() => undefined);
    if (text !== undefined) return parseContexts(text, kept);
    const contexts = await sampleContexts(this.model, parameters, seededRandom(contextSeed), run);
    // Where they cannot be kept, the same are sampled again the next time.
    await makeFolder(dirname(kept))
      .then(() => writeAtomically(kept, [Buffer.from(JSON.stringify(contexts, null, 1))]))
      .catch(() => noteUnkept(this.cache));
    return contexts;
  }
}

/**
 * Lengths and counts for so many contexts in all, the bare one included: half of them short, as published.
 *
 * @throws RomeError "input" for no number from 1 to 1,000
 */
export function contextParameters(count: number): [length: number, count: number][] {
  if (!Number.isInteger(count) || count < 1 || count > 1000)
    throw new RomeError("input", `The number of contexts must be between 1 and 1,000, not ${count}.`);
  const short = Math.ceil((count - 1) / 2);
  return [
    [5, short],
    [10, count - 1 - short],
  ];
}
