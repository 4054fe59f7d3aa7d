import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import * as v from "valibot";
import type { Memento } from "vscode";
import { Emitter } from "vscode-jsonrpc";
import { type Concept, conceptFile } from "../../protocol/concept.ts";
import { messageOf } from "../engine/engineError.ts";
import type { Log } from "../engine/log.ts";
import { Newest } from "../newest.ts";
import { stored } from "../stored.ts";

const storageKey = "concept";

/** How a concept file of the user's is called, so that it is found and has the editor's help. */
export const conceptSuffix = ".concept.json";

/** A concept file: shipped, or of the workspace. */
export interface ConceptEntry {
  file: string;
  shipped: boolean;
  /** Undefined where the file cannot be used. */
  concept: Concept | undefined;
  problem: string | undefined;
}

/** The concepts at hand, and the one that flips, hovers, recordings and measurements are about in this workspace. */
export class Concepts {
  readonly #changed = new Emitter<void>();
  /** Another concept was chosen, or the chosen one reads otherwise now. */
  readonly onDidChange = this.#changed.event;
  readonly #loads = new Newest();
  #chosen: ConceptEntry | undefined;

  constructor(
    /** Shipped files; the first is the usual concept. */
    private readonly shipped: readonly [string, ...string[]],
    private readonly memento: Memento,
    /** The workspace's own files. */
    private readonly own: () => Promise<string[]>,
    private readonly log: Log,
  ) {}

  /** The chosen file; undefined for the usual concept, which the engine knows by itself. */
  get file(): string | undefined {
    const { file } = this.#chosen ?? {};
    return file === this.shipped[0] ? undefined : file;
  }

  get concept(): Concept | undefined {
    return this.#chosen?.concept;
  }

  get labels(): readonly string[] {
    return this.concept?.targets.map(({ label }) => label) ?? [];
  }

  /** Where its names come from, unless the workspace has chosen others. */
  get namesFile(): string | undefined {
    const { file } = this.concept?.names ?? {};
    return file && this.#chosen ? resolve(dirname(this.#chosen.file), file) : undefined;
  }

  isChosen({ file }: { readonly file: string }): boolean {
    return file === this.#chosen?.file;
  }

  /** All of them, the shipped ones first. */
  async list(): Promise<ConceptEntry[]> {
    const own = await this.own();
    return Promise.all([
      ...this.shipped.map((file) => read(file, true)),
      ...own.filter((file) => !this.shipped.includes(file)).map((file) => read(file, false)),
    ]);
  }

  /** Reads the workspace's choice; one that cannot be used any more gives way to the usual concept. */
  async load(): Promise<void> {
    const isNewest = this.#loads.begin();
    const [usual] = this.shipped;
    const wanted = stored(this.memento, storageKey, v.string()) ?? usual;
    let entry = await read(wanted, this.shipped.includes(wanted));
    if (!entry.concept) {
      this.log.warn(`The concept ${wanted} cannot be used: ${entry.problem}`);
      entry = await read(usual, true);
    }
    if (isNewest()) this.#chosen = entry;
  }

  /** @param file undefined for the usual concept */
  async choose(file: string | undefined): Promise<void> {
    await this.memento.update(storageKey, file);
    await this.load();
    this.#changed.fire();
  }
}

async function read(file: string, shipped: boolean): Promise<ConceptEntry> {
  try {
    const text = await readFile(file, "utf8");
    const result = v.safeParse(conceptFile, JSON.parse(text.replace(/^\uFEFF/, "")));
    if (result.success) return { file, shipped, concept: result.output, problem: undefined };
    return { file, shipped, concept: undefined, problem: v.summarize(result.issues) };
  } catch (error) {
    return { file, shipped, concept: undefined, problem: messageOf(error) };
  }
}
