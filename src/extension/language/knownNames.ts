import type { Point, Probabilities, Report } from "../../protocol/results.ts";
import type { Reports } from "../experiment/reports.ts";
import type { ResultStore } from "../results/resultStore.ts";
import type { NamesFile } from "./namesFile.ts";

/** What is known of a name without asking the model. */
export interface KnownName {
  name: string;
  /** What the model says of it, from the record or from a flip of this workspace. */
  says: { label: string; probability: number } | undefined;
  /** Its recorded edit. */
  point: Point | undefined;
  /** The names file's label, where the model says another one. */
  expected: string | undefined;
}

/** The names that the report, the names file and the results know, for look-ups that must not wait. */
export class KnownNames {
  #points: ReadonlyMap<string, Point> = new Map();
  #unexpected: ReadonlyMap<string, string> = new Map();

  constructor(
    private readonly reports: Reports,
    private readonly namesFile: NamesFile,
    private readonly results: ResultStore,
  ) {
    reports.onDidChange(() => this.#index());
    this.#index();
  }

  get report(): Report | null {
    return this.reports.report;
  }

  find(name: string): KnownName | undefined {
    const point = this.#points.get(name);
    const says = point ? belief(point.from, point.before) : this.#flipped(name);
    if (!point && !says && !this.namesFile.names.has(name)) return undefined;
    return { name, says, point, expected: this.#unexpected.get(name) };
  }

  #flipped(name: string): KnownName["says"] {
    for (const card of this.results.cards) {
      if (card.kind !== "flip" || card.name !== name || card.body.state !== "done") continue;
      return belief(card.body.result.view.from, card.body.result.view.before.probability);
    }
    return undefined;
  }

  #index(): void {
    const { points = [], recorded } = this.reports.report ?? {};
    this.#points = new Map(points.map((point) => [point.name, point]));
    this.#unexpected = new Map(recorded?.unexpected.map(({ name, expected }) => [name, expected]));
  }
}

function belief(label: string, probabilities: Probabilities): KnownName["says"] {
  return { label, probability: probabilities[label] ?? 0 };
}
