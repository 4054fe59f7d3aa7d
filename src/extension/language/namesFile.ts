import { readFile } from "node:fs/promises";
import { Emitter } from "vscode-jsonrpc";
import { messageOf } from "../engine/engineError.ts";
import type { Log } from "../engine/log.ts";
import { firstColumn } from "./names.ts";

/** The names file of the experiment: the user's, or the shipped one. */
export class NamesFile {
  readonly #changed = new Emitter<void>();
  readonly onDidChange = this.#changed.event;
  #names: ReadonlySet<string> = new Set();

  constructor(
    private readonly shipped: string,
    /** Path the user has set; "" for none. */
    private readonly configured: () => string,
    private readonly log: Log,
  ) {}

  get path(): string {
    return this.configured() || this.shipped;
  }

  /** The user's own path, or undefined where the shipped file is used. */
  get ownPath(): string | undefined {
    return this.configured() || undefined;
  }

  get names(): ReadonlySet<string> {
    return this.#names;
  }

  /** Reads the file anew; one that cannot be read leaves no names and a line in the log. */
  async load(): Promise<void> {
    const text = await readFile(this.path, "utf8").catch((error: unknown) => {
      this.log.warn(`The names file cannot be read: ${messageOf(error)}`);
      return "";
    });
    this.#names = new Set(firstColumn(text));
    this.#changed.fire();
  }
}

/** Line (from 0) of a name in the text of a names file; undefined when it is not there. */
export function lineOf(name: string, text: string): number | undefined {
  const line = text.split(/\r?\n/).findIndex((row) => firstColumn(row)[0] === name);
  return line < 0 ? undefined : line;
}
