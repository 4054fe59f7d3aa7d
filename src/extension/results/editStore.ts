import { Emitter } from "vscode-jsonrpc";
import type { EditData } from "../../protocol/edit.ts";
import type { Standing } from "../../protocol/shownFlip.ts";
import { answerOf, change } from "../../text/words.ts";
import type { ApplicationCard, FlipCard, ResultCard } from "./cards.ts";
import type { EditSwitches } from "./editSwitches.ts";
import type { FileEdit, FileEdits } from "./fileEdits.ts";
import type { ResultStore } from "./resultStore.ts";

/** A live adapter: a flip that is done, the vector written for a name, or an edit of a file, and whether completions are made with it. */
export interface LiveEdit {
  id: string;
  name: string;
  /** The answers it is between: from the likelier one to the other. */
  from: string;
  to: string;
  /** What the model said without it, which may be neither, and what it says with it. */
  said: string;
  says: string;
  layer: number;
  on: boolean;
  /** It was made for the open model; if not, it cannot be on. */
  fits: boolean;
  model: string;
  edit: EditData;
  /** The vector at this signed scale; undefined for edits that were solved. */
  scale?: number;
  /** The file it comes from; undefined for what was made here. */
  file?: string;
  /** Edits with the same one are switched together. */
  batch?: string | undefined;
}

/** Which edits are on. The engine is told with each request; the checkpoint is never touched. */
export class EditStore {
  readonly #changed = new Emitter<void>();
  readonly onDidChange = this.#changed.event;

  constructor(
    private readonly results: ResultStore,
    private readonly files: FileEdits,
    private readonly switches: EditSwitches,
    /** Fingerprint of the open model; undefined while it is not known. */
    private readonly fingerprint: () => string | undefined,
  ) {
    results.onDidChange(() => this.#changed.fire());
    files.onDidChange(() => this.#changed.fire());
  }

  /** All edits of this workspace, those of files first, then newest first. */
  get all(): readonly LiveEdit[] {
    const made = this.results.cards.flatMap((card) => this.#toEdit(card) ?? []);
    return [...this.files.all.map((edit) => this.#fromFile(edit)), ...made];
  }

  /** Those that completions are made with. */
  get on(): readonly LiveEdit[] {
    return this.all.filter((edit) => edit.on);
  }

  /** The user switched it on; true of an edit of another model, too, which is not applied meanwhile. */
  isOn(id: string): boolean {
    return this.switches.on.has(id);
  }

  /** Switches edits; one that goes on replaces an older one of the same name and answers, as both would add up. */
  set(ids: readonly string[], on: boolean): void {
    const next = new Set(this.switches.on);
    const all = this.all;
    const byId = new Map(all.map((edit) => [edit.id, edit]));
    for (const id of ids) {
      const wanted = this.#together(id, all);
      const changes = new Set(wanted.flatMap((member) => changeKey(byId.get(member)) ?? []));
      const replaced = all.filter((edit) => on && edit.fits && changes.has(changeKey(edit) ?? ""));
      for (const edit of replaced) for (const member of this.#together(edit.id, all)) next.delete(member);
      for (const member of wanted) {
        if (on) next.add(member);
        else next.delete(member);
      }
    }
    this.#store(next);
  }

  /** An edit with the rest of its batch: they were solved together, and one of them alone is no solution. */
  #together(id: string, all: readonly LiveEdit[]): string[] {
    const batch = all.find((edit) => edit.id === id)?.batch;
    return batch === undefined ? [id] : all.filter((edit) => edit.batch === batch).map((edit) => edit.id);
  }

  /** Brings removed cards back. One whose copy is there, from a file, takes that one's place, and its switch. */
  restore(...cards: ResultCard[]): void {
    this.results.restore(...cards);
    const next = new Set(this.switches.on);
    for (const card of cards) {
      const edit = this.#toEdit(card)?.edit;
      const copies = this.files.all.filter(
        (one) => edit && one.model.fingerprint === card.model?.fingerprint && isSame(one.edit, edit),
      );
      for (const { id } of copies) {
        if (next.delete(id)) next.add(card.id);
        this.files.remove(id);
      }
    }
    this.#store(next);
  }

  /** Switches all off; gives the ids that were on, of other models, too. */
  undoAll(): string[] {
    const ids = [...this.switches.on];
    this.#store(new Set());
    return ids;
  }

  /** The open model changed: other edits fit now. */
  refresh(): void {
    this.#changed.fire();
  }

  #store(on: ReadonlySet<string>): void {
    this.switches.set(on);
    this.#changed.fire();
  }

  #toEdit(card: ResultCard): LiveEdit | undefined {
    if (card.kind === "completion" || !card.model) return undefined;
    const changed = changeOf(card);
    if (!changed) return undefined;
    const { id, name, model } = card;
    const fits = this.#fits(model);
    return { id, name, ...changed, fits, model: model.name, on: fits && this.isOn(id) };
  }

  #fromFile({ model, ...edit }: FileEdit): LiveEdit {
    const fits = this.#fits(model);
    return { ...edit, said: edit.from, says: edit.to, fits, model: model.name, on: fits && this.isOn(edit.id) };
  }

  #fits({ fingerprint }: { fingerprint: string }): boolean {
    return this.fingerprint() === undefined || fingerprint === this.fingerprint();
  }
}

/** Two edits that change the same numbers by the same: copies of one. */
export function isSame(a: EditData, b: EditData): boolean {
  const fields = ["layer", "r", "u", "reads", "constant"] as const;
  return fields.every((field) => a[field] === b[field]) && JSON.stringify(a.at) === JSON.stringify(b.at);
}

/** What is in force of a card's edit. */
export function standingIn(edits: readonly LiveEdit[], { id, name }: Pick<LiveEdit, "id" | "name">): Standing {
  const on = edits.find((edit) => edit.id === id)?.on ?? null;
  return { on, other: edits.some((edit) => edit.on && edit.name === name && edit.id !== id) };
}

/** What an edit is about: a name, and the two answers, whichever way it goes. */
export function changeKey(edit: Pick<LiveEdit, "name" | "from" | "to"> | undefined): string | undefined {
  return edit && JSON.stringify([edit.name, ...[edit.from, edit.to].sort()]);
}

/** What a finished card changes; undefined for one that is not done, or has no edit, or whose edit was rolled back. */
function changeOf(
  card: FlipCard | ApplicationCard,
): Pick<LiveEdit, "from" | "to" | "said" | "says" | "layer" | "edit" | "scale"> | undefined {
  const { kind } = card;
  if (kind === "flip") {
    if (card.body.state !== "done") return undefined;
    const { view } = card.body.result;
    if (view.health.rolledBack) return undefined;
    const { from, to, layer } = view;
    return { from, to, ...change(view), layer, edit: card.body.result.saved.edit };
  }
  if (card.body.state !== "done" || !card.edit) return undefined;
  const { from, before, after } = card.body.result;
  const to = Object.keys(before.probability).find((label) => label !== from) ?? from;
  const [said, says] = [before, after].map(({ completion }) => answerOf(completion, [from, to])) as [string, string];
  return { from, to, said, says, layer: card.edit.layer, edit: card.edit, scale: card.scale };
}
