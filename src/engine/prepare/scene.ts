import type { Concept } from "../../protocol/concept.ts";
import type { Known, WrittenForm } from "../../protocol/preparation.ts";
import type { Run } from "../../protocol/run.ts";
import type { NameRow } from "../concept/names.ts";
import type { HyperParameters } from "../rome/hyperParameters.ts";
import type { Rome } from "../rome/rome.ts";
import type { Kept } from "./kept.ts";

/** What the steps of a preparation work with. */
export interface Scene {
  readonly rome: Rome;
  /** What the user calls the model. */
  readonly name: string;
  readonly concept: Concept;
  /** The concept with the texts that edits of this model aim at, and how likely it writes each form. */
  readonly aim: (run: Run) => Promise<{ concept: Concept; forms: WrittenForm[] }>;
  /** The hyper-parameters that it would have if nobody prepared it: where every search begins. */
  readonly base: HyperParameters;
  /** Those in force, perhaps of an earlier preparation: what a step that is left out keeps. */
  readonly now: HyperParameters;
  /** The other concept that those in force were found for, if they were: this preparation takes their place. */
  readonly replaces: string | undefined;
  /** A seeded sample of the concept's names, so many of each label. */
  readonly names: readonly NameRow[];
  /** Text files to count the covariance over; none: the model's own, or else the usual one. */
  readonly texts: readonly string[];
  readonly kept: Kept;
}

/** Names to be tried: as many of each label as there are, one label after the other, the same for the same sample. */
export function triedNames({ names }: Pick<Known, "names">, count: number): { name: string; label: string }[] {
  const lists = Object.entries(names).map(([label, list]) => list.map((name) => ({ name, label })));
  const most = Math.max(0, ...lists.map(({ length }) => length));
  const mixed = Array.from({ length: most }, (_, i) => lists.flatMap((list) => list.slice(i, i + 1))).flat();
  return mixed.slice(0, count);
}
