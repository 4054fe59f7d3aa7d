import type { FourRates } from "../../protocol/referee.ts";
import type { Run } from "../../protocol/run.ts";
import { worstOf } from "../../text/refereeTables.ts";
import { type Estimate, shareEstimate } from "../numerics/intervals.ts";
import { mean, wilsonInterval } from "../numerics/statistics.ts";
import type { Push, Pushed, Scene } from "./scene.ts";

/** Of each name that takes part whether it did as it should, by sign and by whether it was to change. */
export interface Hits {
  readonly plusChanged: readonly boolean[];
  readonly plusStayed: readonly boolean[];
  readonly minusChanged: readonly boolean[];
  readonly minusStayed: readonly boolean[];
}

export const fourRates = ["plusChanged", "plusStayed", "minusChanged", "minusStayed"] as const;

/** What a push of this length does to the names of a scene. */
export async function hitsOf(scene: Scene, push: Push, length: number, run: Run): Promise<Hits> {
  const { plus, minus } = await scene.pushed(push, length, run);
  const of = (group: number, after: Pushed["plus"], wanted: number) =>
    scene.taking.filter((i) => scene.groups[i] === group).map((i) => after[i] === wanted);
  return {
    plusChanged: of(0, plus, 1),
    plusStayed: of(1, plus, 1),
    minusChanged: of(1, minus, 0),
    minusStayed: of(0, minus, 0),
  };
}

export const shareOf = (hits: readonly boolean[]) => (hits.length === 0 ? 0 : mean(hits.map(Number)));

/** The worst of the four rates that any name was asked for. */
export function worstRate(hits: Hits): number {
  return Math.min(...fourRates.map((part) => shareOf(hits[part])));
}

/** Names that are to change, under both signs; and those that are to stay. */
export const changed = ({ plusChanged, minusChanged }: Hits) => [...plusChanged, ...minusChanged];
export const stayed = ({ plusStayed, minusStayed }: Hits) => [...plusStayed, ...minusStayed];

/** The worst of the four rates, of those that any name was asked for. */
export const worst = (hits: Hits): Estimate => worstEstimate(ratesOf(hits));

/**
 * The same of rates as the card has them. The lower end is the least of the four's. The upper end is the least of four
 * upper ends, each at a level of 1 − 0.05/4 (Bonferroni): of four equal rates one is below the others by chance.
 */
export function worstEstimate(rates: FourRates): Estimate {
  const asked = fourRates.map((part) => rates[part]).filter(({ total }) => total > 0);
  const least = (of: (rate: (typeof asked)[number]) => number) => Math.min(...asked.map(of));
  const high = ({ count, total }: (typeof asked)[number]) => wilsonInterval(count, total, zOfFour)[1];
  return { value: worstOf(rates), interval: [least(({ interval }) => interval[0]), least(high)] };
}

/** Standard normal quantile of 1 − 0.05/4/2. */
const zOfFour = 2.497705474412362;

/** The four rates as the card has them. */
export function ratesOf(hits: Hits): FourRates {
  const rate = (part: keyof Hits) => {
    const [low, high] = shareEstimate(hits[part]).interval;
    return {
      count: hits[part].filter(Boolean).length,
      total: hits[part].length,
      interval: [low, high] as [number, number],
    };
  };
  return {
    plusChanged: rate("plusChanged"),
    plusStayed: rate("plusStayed"),
    minusChanged: rate("minusChanged"),
    minusStayed: rate("minusStayed"),
  };
}
