import type { EditData } from "../../protocol/edit.ts";
import type { Point, Probabilities, Report } from "../../protocol/results.ts";
import { answerOf } from "../../text/words.ts";
import type { Reports } from "../experiment/reports.ts";
import type { EditStore } from "../results/editStore.ts";
import type { ResultStore } from "../results/resultStore.ts";
import type { NamesFile } from "./namesFile.ts";

/** What is known of a name without asking the model. */
export interface KnownName {
  name: string;
  /** What the model says of it, from the record or from a flip of this workspace; how surely is known of the answers alone. */
  says: { label: string; probability: number | undefined } | undefined;
  /** What the model says of it now, where edits of the name are on: those edits, newest first. */
  on: readonly { id: string; says: string }[];
  /** Its recorded edit, and the report that it stands in. */
  point: Point | undefined;
  report: Report | undefined;
  /** The names file's label, where the model says another one. */
  expected: string | undefined;
}

/** The names that the report, the names file and the results know, for look-ups that must not wait. */
export class KnownNames {
  #points: ReadonlyMap<string, { point: Point; report: Report }> = new Map();
  #unexpected: ReadonlyMap<string, string> = new Map();

  constructor(
    private readonly reports: Reports,
    private readonly namesFile: NamesFile,
    private readonly results: ResultStore,
    private readonly edits: Pick<EditStore, "on">,
    /** The answers of the chosen concept: what was flipped between others says nothing of it. */
    private readonly labels: () => readonly string[],
  ) {
    reports.onDidChange(() => this.#index());
    this.#index();
  }

  get report(): Report | null {
    return this.reports.report;
  }

  find(name: string): KnownName | undefined {
    const { point, report } = this.#points.get(name) ?? {};
    const says = point ? belief(point.from, point.before) : this.#flipped(name);
    const { names, shippedNames } = this.namesFile;
    const on = this.edits.on.filter((edit) => edit.name === name || isAt(edit.edit.at, name));
    if (!point && !says && on.length === 0 && !names.has(name) && !shippedNames.has(name)) return undefined;
    return { name, says, on, point, report, expected: this.#unexpected.get(name) };
  }

  /** Every name on record or in a names file, in their order. */
  get all(): readonly string[] {
    const { names, shippedNames } = this.namesFile;
    return [...new Set([...this.#points.keys(), ...names, ...shippedNames])];
  }

  #flipped(name: string): KnownName["says"] {
    for (const card of this.results.cards) {
      if (card.kind !== "flip" || card.name !== name || card.body.state !== "done") continue;
      const { from, to, before } = card.body.result.view;
      if (this.labels().includes(from)) return belief(answerOf(before.completion, [from, to]), before.probability);
    }
    return undefined;
  }

  /** The user's own recordings go before the shipped ones. */
  #index(): void {
    const reports = [...this.reports.known].reverse();
    this.#points = new Map(reports.flatMap((report) => report.points.map((point) => [point.name, { point, report }])));
    const unexpected = new Map<string, string>();
    for (const { points, recorded } of reports) {
      for (const { name } of points) unexpected.delete(name);
      for (const { name, expected } of recorded.unexpected) unexpected.set(name, expected);
    }
    this.#unexpected = unexpected;
  }
}

/** A vector that is on at this name. */
function isAt(at: EditData["at"], name: string): boolean {
  return typeof at === "object" && at.name === name;
}

function belief(label: string, probabilities: Probabilities): KnownName["says"] {
  return { label, probability: probabilities[label] };
}
