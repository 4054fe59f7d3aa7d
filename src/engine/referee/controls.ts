import type { Run } from "../../protocol/run.ts";
import { clusteredEstimate, type Estimate } from "../numerics/intervals.ts";
import type { Random } from "../numerics/random.ts";
import { equalGroups } from "../numerics/resampling.ts";
import { type Rows, rowAt, takeRows } from "../numerics/rows.ts";
import { both } from "./constructions.ts";
import type { Evidence } from "./evidence.ts";
import { learnSign } from "./learn.ts";
import { shareOf } from "./rates.ts";
import type { Push, Scene, Side } from "./scene.ts";

/** Random signs: as little chosen as a push can be. */
export function randomSigns({ deltas, settings, random }: Evidence): Push[] {
  const draw = random("random signs");
  return Array.from({ length: settings.controls }, () =>
    both(Float64Array.from({ length: deltas.width }, () => (draw.below(2) === 0 ? -1 : 1))),
  );
}

/**
 * Gaussians with the covariance of Δv: sums of the centred rows with normal weights, which have just that covariance.
 *
 * @param within centre each direction by itself, so that what tells the two apart is no part of the covariance
 */
export function gaussians({ taught, settings, random }: Evidence, { within }: { readonly within: boolean }): Push[] {
  const { deltas, labels } = taught;
  const draw = random(`gaussians ${within}`);
  const centred = centredRows(deltas, within ? labels : labels.map(() => 0));
  return Array.from({ length: settings.controls }, () => {
    const sum = new Float64Array(deltas.width);
    for (let row = 0; row < centred.count; row++) {
      const weight = normal(draw);
      const values = rowAt(centred, row);
      for (let i = 0; i < sum.length; i++) sum[i]! += weight * values[i]!;
    }
    return both(sum);
  });
}

/**
 * sign(w) learned from shuffled labels: what the same procedure finds where there is nothing to find. Shuffled within
 * each direction, so that either label has as many edits of both: a shuffle that happened to lean would hold the
 * direction itself.
 */
export function shuffledVectors({ taught, settings, report, random }: Evidence): Push[] {
  const draw = random("shuffled vectors");
  const C = report.classifier.regularization;
  return Array.from({ length: settings.controls }, () => {
    const drawn = equalGroups(taught.labels, draw, mostShuffled);
    const labels = drawn.map(() => 0);
    for (const side of [0, 1]) {
      const members = draw.shuffled([...drawn.keys()].filter((i) => taught.labels[drawn[i] as number] === side));
      for (const i of members.slice(0, Math.floor(members.length / 2))) labels[i] = 1;
    }
    return learnSign(takeRows(taught.deltas, drawn), labels, C);
  });
}

/** Edits of a direction that a shuffled vector is learned from, at most. */
const mostShuffled = 100;

/** What a control did to names of a scene: what is said of each under either sign. */
export interface Said {
  readonly groups: readonly Side[];
  readonly plus: readonly Side[];
  readonly minus: readonly Side[];
}

/** A control at a length, and the names that it is tried on. */
export interface Tried {
  readonly push: Push;
  readonly length: number;
  readonly names: readonly number[];
}

/** Each control tried on its names, under both signs; all in one go, because few at a time would take longer. */
export async function tryControls(scene: Scene, all: readonly Tried[], run: Run): Promise<Said[]> {
  const asked = all.flatMap(({ push: { plus, minus }, length, names }) =>
    [plus, minus].flatMap((vector) => names.map((i) => [i, scene.subjects.editOf(i, vector, length)] as const)),
  );
  const said = await scene.saidWith(asked, run);
  let start = 0;
  return all.map(({ names }) => {
    const middle = start + names.length;
    const plus = said.slice(start, middle);
    start = middle + names.length;
    return { groups: names.map((i) => scene.groups[i] as Side), plus, minus: said.slice(middle, start) };
  });
}

/** Which names a control turned: those of the first label under +, those of the second under −. */
export function turned(said: Said): boolean[] {
  return inBetterSense(said, ({ groups, plus, minus }) =>
    groups.map((side, i) => (side === 0 ? plus[i] === 1 : minus[i] === 0)),
  );
}

/** Names that each of many controls is tried on: few, and others for each, because it is the controls that count. */
export const namesAControl = 10;

/** Share of names that such pushes turn, each tried on some: a push that turns one name turns others, so they are clusters. */
export async function turnedBy(
  scene: Scene,
  pushes: readonly Push[],
  lengthOf: (number: number) => number,
  run: Run,
): Promise<Estimate> {
  const tried = pushes.map((push, number) => {
    return { push, length: lengthOf(number), names: scene.fewer(namesAControl, number).taking };
  });
  return clusteredEstimate((await tryControls(scene, tried, run)).map(turned));
}

/** Of which names a control did all that it should: they say the second label under +, the first under −. */
export function right(said: Said): boolean[] {
  return inBetterSense(said, ({ plus, minus }) => plus.map((side, i) => side === 1 && minus[i] === 0));
}

/** A control has no sense of its own: it counts in the better of its two. */
function inBetterSense(said: Said, of: (said: Said) => boolean[]): boolean[] {
  const [forwards, backwards] = [of(said), of({ ...said, plus: said.minus, minus: said.plus })];
  return shareOf(backwards) > shareOf(forwards) ? backwards : forwards;
}

function centredRows(rows: Rows, labels: readonly number[]): Rows {
  const centred = takeRows(rows, [...labels.keys()]);
  for (const label of new Set(labels)) {
    const members = [...labels.keys()].filter((row) => labels[row] === label);
    for (let i = 0; i < rows.width; i++) {
      let mean = 0;
      for (const row of members) mean += rows.data[row * rows.width + i]! / members.length;
      for (const row of members) centred.data[row * rows.width + i]! -= mean;
    }
  }
  return centred;
}

/** Standard normal, by the Box–Muller transform. */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform());
}
