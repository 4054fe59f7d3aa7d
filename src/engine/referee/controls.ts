import type { Run } from "../../protocol/run.ts";
import type { Random } from "../numerics/random.ts";
import { equalGroups } from "../numerics/resampling.ts";
import { type Rows, rowAt, takeRows } from "../numerics/rows.ts";
import { both } from "./constructions.ts";
import type { Evidence } from "./evidence.ts";
import { learnSign } from "./learn.ts";
import { shareOf } from "./rates.ts";
import type { Push, Scene } from "./scene.ts";

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

/** Which of the names a control turns, in the better of its two senses: it has none of its own. */
export async function turnedEitherWay(scene: Scene, push: Push, length: number, run: Run): Promise<boolean[]> {
  const plus = await scene.pushed(push, 1, length, run);
  const minus = await scene.pushed(push, -1, length, run);
  const turned = (first: typeof plus, second: typeof plus) =>
    scene.taking.map((i) => (scene.groups[i] === 0 ? first[i] === 1 : second[i] === 0));
  const [forwards, backwards] = [turned(plus, minus), turned(minus, plus)];
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
