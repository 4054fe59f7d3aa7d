import { createHash } from "node:crypto";
import { join } from "node:path";
import { writeAtomically } from "../files/atomicWrite.ts";
import { makeFolder } from "../files/makeFolder.ts";
import { readText } from "../files/readText.ts";

/** Results of the referee's stages, kept beside the data set: a stage of the same evidence and settings is done once. */
export class Store {
  constructor(
    readonly folder: string,
    /** All that the results depend on. */
    readonly key: string,
  ) {}

  /** What was kept under this name, or else what `make` gives, kept. */
  async get<T>(name: string, parse: (value: unknown) => T, make: () => Promise<T>): Promise<T> {
    const known = await this.known(name, parse);
    if (known !== undefined) return known;
    const made = await make();
    await makeFolder(this.#place);
    const json = JSON.stringify({ key: this.#hash, value: made });
    await writeAtomically(join(this.#place, `${name}.json`), [Buffer.from(`${json}\n`)]);
    // As it will be read, so that a trial that goes on has the same bytes.
    return parse(JSON.parse(JSON.stringify(made)));
  }

  /** What was kept under this name; undefined where it is missing, damaged, or of other evidence. */
  async known<T>(name: string, parse: (value: unknown) => T): Promise<T | undefined> {
    try {
      const kept = JSON.parse(await readText(join(this.#place, `${name}.json`))) as { key: string; value: unknown };
      return kept.key === this.#hash ? parse(kept.value) : undefined;
    } catch {
      return undefined;
    }
  }

  get #place(): string {
    return join(this.folder, "referee");
  }

  get #hash(): string {
    return createHash("sha256").update(this.key).digest("hex").slice(0, 24);
  }
}
