import { isDeepStrictEqual } from "node:util";
import type { Concept } from "../protocol/concept.ts";
import type { EditData } from "../protocol/edit.ts";
import type { FlipOptions } from "../protocol/editOptions.ts";
import type { Call, Method, Params, Result } from "../protocol/engine.ts";
import { RomeError } from "../protocol/errors.ts";
import type { FlipView } from "../protocol/results.ts";

/** One request of the engine, wherever it runs. */
export type Ask = <M extends Method>(method: M, params: Params<M>, call: Call) => Promise<Result<M>>;

/** An edit as an agent sees it. */
export interface AgentEdit {
  readonly id: string;
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly layer: number;
  readonly on: boolean;
  /** The model says `to` with it; one that failed is not switched on. */
  readonly flipped: boolean;
}

/** What a flip left: its figures, and the edit's id where there is one to switch. */
export interface AgentFlip {
  readonly id: string;
  readonly view: FlipView;
}

/** The edits that agents make and switch: in the editor those of the sidebar, on the command line the server's own. */
export interface AgentEdits {
  /** All edits, newest first. */
  list(): readonly AgentEdit[];
  /** Those in force. */
  on(): readonly EditData[];
  /** The newest edit by which a flip of the name with the same options, about the concept, succeeded; it may be off. */
  made(name: string, concept: Concept, options: FlipOptions): AgentEdit | undefined;
  /** Makes edits; those that are not rolled back are in force afterwards. */
  flip(names: readonly string[], options: FlipOptions, call: Call): Promise<AgentFlip[]>;
  /** Switches edits by their ids. */
  set(ids: readonly string[], on: boolean): void;
}

/**
 * Edits that live as long as the server; one that goes on replaces an older one of the same name. What was rolled back
 * is no edit.
 */
export function ownEdits(ask: Ask): AgentEdits {
  let made = 0;
  let edits: (AgentEdit & { options: FlipOptions; edit: EditData })[] = [];
  const list = () => edits.map(({ edit: _, options: __, ...rest }) => rest);
  const set = (ids: readonly string[], on: boolean) => {
    const names = new Set(edits.filter(({ id }) => ids.includes(id)).map(({ name }) => name));
    edits = edits.map((edit) => {
      if (ids.includes(edit.id)) return { ...edit, on };
      return on && names.has(edit.name) ? { ...edit, on: false } : edit;
    });
  };
  return {
    list,
    on: () => edits.filter(({ on }) => on).map(({ edit }) => edit),
    set,
    made(name, _, options) {
      const same = edits.find((edit) => edit.flipped && edit.name === name && isDeepStrictEqual(edit.options, options));
      return list().find(({ id }) => id === same?.id);
    },
    async flip(names, options, call) {
      const results = await ask("flip", { names: [...names], ...options }, call);
      return results.map(({ view, saved }) => {
        made += 1;
        const id = String(made);
        if (view.health.rolledBack) return { id, view };
        const { name, from, to, layer, flipped } = view;
        edits = [{ id, name, from, to, layer, flipped, on: false, options, edit: saved.edit }, ...edits];
        if (flipped) set([id], true);
        return { id, view };
      });
    },
  };
}

/** The ids of edits to switch on, checked: one that failed makes the model write neither answer. */
export function workingIds(edits: AgentEdits, ids: readonly string[]): readonly string[] {
  const known = knownIds(edits, ids);
  const failed = edits.list().find(({ id, flipped }) => known.includes(id) && !flipped);
  if (!failed) return known;
  const { id, name, from, to } = failed;
  throw new RomeError(
    "input",
    `Edit ${JSON.stringify(id)} failed: it does not turn ${JSON.stringify(name)} from ${JSON.stringify(from)} to ${JSON.stringify(to)}, so it is not switched on. Make another, with other settings.`,
  );
}

/** The ids that an agent gave, checked. */
export function knownIds(edits: AgentEdits, ids: readonly string[]): readonly string[] {
  const known = edits.list().map(({ id }) => id);
  const unknown = ids.filter((id) => !known.includes(id));
  if (unknown.length === 0) return ids;
  throw new RomeError(
    "input",
    `There is no edit ${unknown.map((id) => JSON.stringify(id)).join(", ")}. list_edits shows those that exist.`,
  );
}
