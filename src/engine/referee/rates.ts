import type { FourRates } from "../../protocol/referee.ts";
import type { Run } from "../../protocol/run.ts";
import type { Random } from "../numerics/random.ts";
import { type Interval, shareInterval } from "../numerics/resampling.ts";
import { mean } from "../numerics/statistics.ts";
import type { Push, Scene } from "./scene.ts";

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
  const plus = await scene.pushed(push, 1, length, run);
  const minus = await scene.pushed(push, -1, length, run);
  const of = (group: number, after: typeof plus, wanted: number) =>
    scene.taking.filter((i) => scene.groups[i] === group).map((i) => after[i] === wanted);
  return {
    plusChanged: of(0, plus, 1),
    plusStayed: of(1, plus, 1),
    minusChanged: of(1, minus, 0),
    minusStayed: of(0, minus, 0),
  };
}

/** The hits of several scenes together. */
export function joined(all: readonly Hits[]): Hits {
  const of = (part: keyof Hits) => all.flatMap((hits) => hits[part]);
  return {
    plusChanged: of("plusChanged"),
    plusStayed: of("plusStayed"),
    minusChanged: of("minusChanged"),
    minusStayed: of("minusStayed"),
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

/** A share of names with its interval by bootstrap over the names. */
export function share(hits: readonly boolean[], random: Random): { value: number; interval: Interval } {
  return { value: shareOf(hits), interval: shareInterval(hits, random) };
}

/** The worst rate with its interval. */
export function worst(hits: Hits, random: Random): { value: number; interval: Interval } {
  const part = fourRates.reduce((a, b) => (shareOf(hits[b]) < shareOf(hits[a]) ? b : a));
  return share(hits[part], random);
}

/** The four rates as the card has them. */
export function ratesOf(hits: Hits, random: Random): FourRates {
  const rate = (part: keyof Hits) => ({
    count: hits[part].filter(Boolean).length,
    total: hits[part].length,
    interval: [...shareInterval(hits[part], random)] as [number, number],
  });
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
