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
    const key = String(count ?? "published");
    return this.#sampled.get(key, (sampling) => this.#stored(key, count, sampling), run);
  }

  async #stored(key: string, count: number | undefined, run: Run): Promise<string[]> {
    const kept = join(this.cache, `contexts-${key}-seed${contextSeed}.json`);
    const beside = count === undefined ? [join(this.model.checkpoint.folder, "contexts.json")] : [];
    for (const place of [...beside, kept]) {
      const text = await readText(place).catch(() => undefined);
      if (text !== undefined) return parseContexts(text, place);
    }
    const parameters = parametersFor(count, this.published);
    const contexts = await sampleContexts(this.model, parameters, seededRandom(contextSeed), run);
    // Where they cannot be kept, the same are sampled again the next time.
    await makeFolder(dirname(kept))
      .then(() => writeAtomically(kept, [Buffer.from(JSON.stringify(contexts, null, 1))]))
      .catch(() => noteUnkept(this.cache));
    return contexts;
  }
}

/** Lengths and counts for so many contexts in all, the bare one included; the published ones by default. */
function parametersFor(count: number | undefined, published: ContextParameters): ContextParameters {
  if (count === undefined) return published;
  if (!Number.isInteger(count) || count < 1 || count > 1000)
    throw new RomeError("input", `The number of contexts must be between 1 and 1,000, not ${count}.`);
  const short = Math.ceil((count - 1) / 2);
  return [
    [5, short],
    [10, count - 1 - short],
  ];
}
