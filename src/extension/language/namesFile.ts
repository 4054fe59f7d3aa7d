import { readFile } from "node:fs/promises";
import * as v from "valibot";
import type { Memento } from "vscode";
import { Emitter } from "vscode-jsonrpc";
import { messageOf } from "../engine/engineError.ts";
import type { Log } from "../engine/log.ts";
import { Newest } from "../newest.ts";
import { stored } from "../stored.ts";
import { namesOfTable } from "./names.ts";

/** The names file of this workspace's experiment: the one chosen here, else the setting's, else the shipped one. */
export class NamesFile {
  readonly #changed = new Emitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly #loads = new Newest();
  #names: ReadonlySet<string> = new Set();
  #shippedNames: ReadonlySet<string> = new Set();

  constructor(
    /** The names of the chosen concept, which come with it. */
    private readonly shipped: () => string,
    /** Where this workspace's choice is kept. */
    private readonly memento: Memento,
    /** Path of the setting, for workspaces that have chosen none; "" for none. */
    private readonly configured: () => string,
    /** What the choice is for: each concept has its own. */
    private readonly concept: () => string | undefined,
    private readonly log: Log,
  ) {}

  get path(): string {
    return this.ownPath ?? this.shipped();
  }

  /** The user's own path, or undefined where the shipped file is used. */
  get ownPath(): string | undefined {
    const chosen = stored(this.memento, this.#key, v.string());
    // "" is a choice, too: the shipped names, whatever the setting says.
    // The setting's file has the labels of the usual concept.
    return (chosen ?? (this.concept() === undefined ? this.configured() : "")) || undefined;
  }

  get #key(): string {
    const concept = this.concept();
    return concept === undefined ? "namesFile" : `namesFile:${concept}`;
  }

  get names(): ReadonlySet<string> {
    return this.#names;
  }

  get shippedNames(): ReadonlySet<string> {
    return this.#shippedNames;
  }

  /** Makes a file this workspace's own; undefined goes back to the shipped names. */
  async choose(path: string | undefined): Promise<void> {
    await this.memento.update(this.#key, path ?? "");
    await this.load();
  }

  /** Reads the file anew; one that cannot be read leaves no names and a line in the log. */
  async load(): Promise<void> {
    const isNewest = this.#loads.begin();
    const own = this.ownPath;
    const shipped = await this.#read(this.shipped());
    const names = own === undefined ? shipped : await this.#read(own);
    if (!isNewest()) return;
    this.#shippedNames = shipped;
    this.#names = names;
    this.#changed.fire();
  }

  async #read(path: string): Promise<ReadonlySet<string>> {
    const text = await readFile(path, "utf8").catch((error: unknown) => {
      this.log.warn(`The names file cannot be read: ${messageOf(error)}`);
      return "";
    });
    return new Set(namesOfTable(text));
  }
}
