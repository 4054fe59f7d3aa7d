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
  /** What the file holds; undefined where it cannot be read. */
  text: string | undefined;
  /** Undefined where the file cannot be used. */
  concept: Concept | undefined;
  problem: string | undefined;
}

/** The concepts at hand, and the one that flips, hovers, recordings and measurements are about in this workspace. */
export class Concepts {
  readonly #changed = new Emitter<void>();
  /** Another concept was chosen, or concept files have changed on disk. */
  readonly onDidChange = this.#changed.event;
  readonly #loads = new Newest();
  /** What is in force. */
  #chosen: ConceptEntry | undefined;
  #unusable: ConceptEntry | undefined;

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

  /** The text that is in force, which the file need not hold any more. */
  get text(): string | undefined {
    return this.#chosen?.text;
  }

  /** The workspace's choice as its file is now, where it cannot be used. */
  get unusable(): ConceptEntry | undefined {
    return this.#unusable;
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
    let entry = await this.#readChoice();
    const unusable = entry.concept ? undefined : entry;
    if (unusable) {
      this.log.warn(`The concept ${unusable.file} cannot be used: ${unusable.problem}`);
      entry = await read(this.shipped[0], true);
    }
    if (!isNewest()) return;
    this.#chosen = entry;
    this.#unusable = unusable;
    this.#changed.fire();
  }

  /** Reads the choice again; one that cannot be used now leaves in force what was. Tells whether another text is in force. */
  async reread(): Promise<boolean> {
    const isNewest = this.#loads.begin();
    const entry = await this.#readChoice();
    if (!isNewest()) return false;
    this.#unusable = entry.concept ? undefined : entry;
    const { file, text } = this.#chosen ?? {};
    const isOther = entry.concept !== undefined && (entry.file !== file || entry.text !== text);
    if (isOther) this.#chosen = entry;
    this.#changed.fire();
    return isOther;
  }

  /** @param file undefined for the usual concept */
  async choose(file: string | undefined): Promise<void> {
    await this.memento.update(storageKey, file);
    await this.load();
  }

  #readChoice(): Promise<ConceptEntry> {
    const file = stored(this.memento, storageKey, v.string()) ?? this.shipped[0];
    return read(file, this.shipped.includes(file));
  }
}

async function read(file: string, shipped: boolean): Promise<ConceptEntry> {
  let text: string | undefined;
  try {
    text = await readFile(file, "utf8");
    const result = v.safeParse(conceptFile, JSON.parse(text.replace(/^\uFEFF/, "")));
    if (result.success) return { file, shipped, text, concept: result.output, problem: undefined };
    return { file, shipped, text, concept: undefined, problem: v.summarize(result.issues) };
  } catch (error) {
    return { file, shipped, text, concept: undefined, problem: messageOf(error) };
  }
}
