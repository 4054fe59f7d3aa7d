import * as v from "valibot";
import type { Memento } from "vscode";
import { stored } from "../stored.ts";

const storageKey = "editsOn";

/** The ids of the edits that the user switched on, kept for the next window. */
export class EditSwitches {
  #on: ReadonlySet<string>;

  constructor(private readonly memento: Memento) {
    this.#on = new Set(stored(memento, storageKey, v.array(v.string())));
  }

  get on(): ReadonlySet<string> {
    return this.#on;
  }

  set(on: ReadonlySet<string>): void {
    this.#on = on;
    void this.memento.update(storageKey, [...on]);
  }
}
