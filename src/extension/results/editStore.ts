import * as v from "valibot";
import type { Memento } from "vscode";
import { Emitter } from "vscode-jsonrpc";
import type { EditData } from "../../protocol/results.ts";
import type { FlipCard } from "./cards.ts";
import type { ResultStore } from "./resultStore.ts";

const storageKey = "editsOn";

/** A live adapter: a flip that is done, and whether completions are made with it. */
export interface LiveEdit {
  id: string;
  name: string;
  from: string;
  to: string;
  layer: number;
  on: boolean;
  /** It was made for the open model; if not, it cannot be on. */
  fits: boolean;
  model: string;
  edit: EditData;
}

/** Which edits are on. The engine is told with each request; the checkpoint is never touched. */
export class EditStore {
  readonly #changed = new Emitter<void>();
  readonly onDidChange = this.#changed.event;
  #on: ReadonlySet<string>;

  constructor(
    private readonly results: ResultStore,
    private readonly memento: Memento,
    /** Fingerprint of the open model; undefined while it is not known. */
    private readonly fingerprint: () => string | undefined,
  ) {
    const stored = v.safeParse(v.array(v.string()), memento.get(storageKey));
    this.#on = new Set(stored.success ? stored.output : []);
    results.onDidChange(() => this.#changed.fire());
  }

  /** All edits of this workspace, newest first. */
  get all(): readonly LiveEdit[] {
    return this.results.cards.filter((card) => card.kind === "flip").flatMap((card) => this.#toEdit(card) ?? []);
  }

  /** Those that completions are made with. */
  get on(): readonly LiveEdit[] {
    return this.all.filter((edit) => edit.on);
  }

  /** The user switched it on; true of an edit of another model, too, which is not applied meanwhile. */
  isOn(id: string): boolean {
    return this.#on.has(id);
  }

  /** Switches edits; one that goes on replaces an older one of the same name, as both would add up. */
  set(ids: readonly string[], on: boolean): void {
    const next = new Set(this.#on);
    const byId = new Map(this.all.map((edit) => [edit.id, edit]));
    for (const id of ids) {
      const name = byId.get(id)?.name;
      for (const edit of byId.values()) if (on && edit.name === name && edit.fits) next.delete(edit.id);
      if (on) next.add(id);
      else next.delete(id);
    }
    this.#store(next);
  }

  undoAll(): void {
    this.#store(new Set());
  }

  /** The open model changed: other edits fit now. */
  refresh(): void {
    this.#changed.fire();
  }

  #store(on: ReadonlySet<string>): void {
    this.#on = on;
    void this.memento.update(storageKey, [...on]);
    this.#changed.fire();
  }

  #toEdit({ id, name, model, body }: FlipCard): LiveEdit | undefined {
    if (body.state !== "done" || !model) return undefined;
    const { from, to, layer, edit } = body.result;
    const fits = this.fingerprint() === undefined || model.fingerprint === this.fingerprint();
    return { id, name, from, to, layer, edit, fits, model: model.name, on: fits && this.#on.has(id) };
  }
}
