import type { FourRates } from "../../protocol/referee.ts";
import type { Run } from "../../protocol/run.ts";
import { type Estimate, type Interval, shareEstimate } from "../numerics/intervals.ts";
import { mean } from "../numerics/statistics.ts";
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

/** The worst of the four rates; its interval holds what any of the four may be, because each of them has to be good. */
export function worst(hits: Hits): Estimate {
  const all = fourRates.map((part) => shareEstimate(hits[part]));
  const least = (of: (estimate: Estimate) => number) => Math.min(...all.map(of));
  const interval: Interval = [least(({ interval }) => interval[0]), least(({ interval }) => interval[1])];
  return { value: least(({ value }) => value), interval };
}

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

/** The worst of four rates that any name was asked for. */
export function worstOf(rates: FourRates): number {
  return Math.min(...fourRates.map((part) => (rates[part].total === 0 ? 1 : rates[part].count / rates[part].total)));
}

/** Its interval, as {@link worst} has it; of rates that no name was asked for: none. */
export function worstIntervalOf(rates: FourRates): Interval {
  const asked = fourRates.map((part) => rates[part]).filter(({ total }) => total > 0);
  return [Math.min(...asked.map(({ interval }) => interval[0])), Math.min(...asked.map(({ interval }) => interval[1]))];
}
