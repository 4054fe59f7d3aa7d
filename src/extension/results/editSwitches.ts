import * as v from "valibot";
import type { Memento } from "vscode";

const storageKey = "editsOn";

/** The ids of the edits that the user switched on, kept for the next window. */
export class EditSwitches {
  #on: ReadonlySet<string>;

  constructor(private readonly memento: Memento) {
    const stored = v.safeParse(v.array(v.string()), memento.get(storageKey));
    this.#on = new Set(stored.success ? stored.output : []);
  }

  get on(): ReadonlySet<string> {
    return this.#on;
  }

  set(on: ReadonlySet<string>): void {
    this.#on = on;
    void this.memento.update(storageKey, [...on]);
  }
}
