import { defaultLimits } from "../../protocol/editEntry.ts";
import type { Optimiser, Trial } from "../../protocol/preparation.ts";
import type { Rate } from "../../protocol/results.ts";
import { type Run, within } from "../../protocol/run.ts";
import { labelsOf } from "../concept/concept.ts";
import { harmonicMean } from "../evaluate/formulas.ts";
import { count, layerRow } from "../evaluate/layerRow.ts";
import { type Measured, measure, type Subject } from "../evaluate/measure.ts";
import { mean } from "../numerics/statistics.ts";
import { type Scene, triedNames } from "./scene.ts";

/** Names that must keep their label, for each edited one. */
const neighbours = 4;
/** Scores that differ by less are equal: so much is one answer among those of a few names. */
export const tolerance = 0.03;

export interface Setting {
  readonly pass: Trial["pass"];
  readonly layer: number;
  readonly optimiser: Optimiser;
  /** Names that are edited. */
  readonly count: number;
  /** The layer's covariance, where there is one. */
  readonly covariance: "auto" | "none";
  /** How many contexts, the bare prompt among them; left out: the few that are enough to compare settings. */
  readonly contexts?: number;
}

/** Edits of a few names with one choice of numbers after the other; each that has ended is kept, and not made again. */
export class Trials {
  #before: { subjects: readonly Subject[]; measured: readonly Measured[] } | undefined;
  readonly #concept;

  constructor(
    private readonly scene: Scene,
    private readonly names: Readonly<Record<string, readonly string[]>>,
  ) {
    this.#concept = { ...scene.concept, neighbours };
  }

  /** The trial of a setting, from an earlier call or made now. */
  async of(setting: Setting, run: Run): Promise<Trial> {
    const { kept } = this.scene;
    const known = this.known(setting);
    if (known) return known;
    const made = await this.#make(setting, run);
    await kept.keep({ trials: [...kept.findings.trials, made] });
    return made;
  }

  /**
   * The same as one of several, which progress counts. Those of an earlier call are counted before anything is told, so
   * that the time left is judged by those made now.
   */
  async counted(setting: Setting, told: { phase: string; done: number; total: number }, run: Run): Promise<Trial> {
    if (!this.known(setting)) run.progress({ ...told });
    const trial = await this.of(
      setting,
      within(run, () => ({ ...told })),
    );
    told.done++;
    return trial;
  }

  /** The trial of a setting if it was made. */
  known({ pass, layer, optimiser, count, covariance, contexts: wanted }: Setting): Trial | undefined {
    const { findings } = this.scene.kept;
    const names = triedNames({ names: this.#plain() }, count).map(({ name }) => name);
    const contexts = wanted ?? fewContexts(findings.contexts).length;
    const key = JSON.stringify([pass, layer, optimiser, names, contexts, covariance === "auto"]);
    const keyOf = (trial: Trial) =>
      JSON.stringify([trial.pass, trial.row.layer, trial.optimiser, trial.names, trial.contexts, trial.covariance]);
    return findings.trials.find((trial) => keyOf(trial) === key);
  }

  /** So many contexts: all that were found, or fewer sampled alike; left out: the few that are enough to compare settings. */
  async #contexts(wanted: number | undefined, run: Run): Promise<readonly string[]> {
    const { rome, kept } = this.scene;
    const all = kept.findings.contexts;
    if (wanted === undefined) return fewContexts(all);
    return all?.length === wanted ? all : rome.contexts.of(wanted, run);
  }

  async #make(
    { pass, layer, optimiser, count: names, covariance, contexts: wanted }: Setting,
    run: Run,
  ): Promise<Trial> {
    const started = performance.now();
    const { rome, base } = this.scene;
    const contexts = await this.#contexts(wanted, run);
    const subjects = this.#subjects(names);
    const before = await this.#measured(subjects, run);
    const hyperParameters = { ...base, ...optimiser };
    const options = { hyperParameters, contexts, covariance, layer, before };
    const { row, results } = await layerRow(rome, subjects, this.#concept, options, run);
    return {
      pass,
      names: subjects.map(({ name }) => name),
      contexts: contexts.length,
      covariance: covariance === "auto",
      optimiser,
      row,
      converged: count(results.map(({ converged }) => converged)),
      loss: mean(results.map(({ losses }) => losses.at(-1)?.total ?? 0)),
      score: harmonicMean([share(row.success), share(row.paraphrase), 1 - share(row.damage)]),
      seconds: (performance.now() - started) / 1000,
    };
  }

  /** Asked once for the names of a pass; its first names are those of a smaller one. */
  async #measured(subjects: readonly Subject[], run: Run): Promise<readonly Measured[]> {
    if (this.#before?.subjects.length !== subjects.length) {
      const measured = await measure(this.scene.rome, subjects, this.#concept, { generate: false }, run);
      this.#before = { subjects, measured };
    }
    return this.#before.measured;
  }

  #subjects(names: number): Subject[] {
    const [first, second] = labelsOf(this.#concept);
    return triedNames({ names: this.#plain() }, names).map(({ name, label }) => ({
      name,
      from: label,
      to: label === first ? second : first,
      neighbours: (this.names[label] ?? []).filter((other) => other !== name).slice(-neighbours),
    }));
  }

  #plain(): Record<string, string[]> {
    return Object.fromEntries(Object.entries(this.names).map(([label, list]) => [label, [...list]]));
  }
}

export function share({ count, total }: Rate): number {
  return total === 0 ? 0 : count / total;
}

/** No edit of it would be rolled back for what it does to unrelated text. */
export function isHealthy({ row }: Trial): boolean {
  return row.divergence <= defaultLimits.drift && row.deltaToValue <= defaultLimits.deltaRatio;
}

/**
 * Few of the contexts for edits that only compare settings: the bare prompt, and one of each of the others' lengths (the
 * first and the last of the list).
 */
function fewContexts(contexts: readonly string[] | undefined): string[] {
  const [bare = "{}", ...others] = contexts ?? [];
  return [...new Set([bare, ...others.slice(0, 1), ...others.slice(-1)])];
}
