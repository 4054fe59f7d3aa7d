/** What of two experiments lies in each bin of one histogram. */
import type { ComparedExperiments } from "../../protocol/comparison.ts";
import type { Point } from "../../protocol/results.ts";
import { csv } from "../../text/csv.ts";
import { decimals, fixed } from "../../text/numbers.ts";
import { bin } from "../charts/bins.ts";

export interface Shares {
  readonly edges: readonly number[];
  /** Names in each bin, one list an experiment. */
  readonly counts: readonly [readonly number[], readonly number[]];
  /** The same as fractions of the experiment's names, for experiments of different sizes. */
  readonly shares: readonly [readonly number[], readonly number[]];
}

export function sharesOf([one, other]: ComparedExperiments, of: (point: Point) => number): Shares {
  const { edges, counts } = bin([one.report.points.map(of), other.report.points.map(of)], 32);
  const pair = [counts[0] ?? [], counts[1] ?? []] as const;
  const share = (list: readonly number[]) => {
    const total = list.reduce((sum, value) => sum + value, 0);
    return list.map((value) => (total === 0 ? 0 : value / total));
  };
  return { edges, counts: pair, shares: [share(pair[0]), share(pair[1])] };
}

/** "1.5 … 2.0" */
export function binText(edges: readonly number[], at: number): string {
  const [low = 0, high = 0] = [edges[at], edges[at + 1]];
  const digits = decimals(Number((high - low).toPrecision(6)));
  return `${fixed(low, digits)} … ${fixed(high, digits)}`;
}

/** A line a bin: its edges, and how many names of each experiment lie in it. */
export function sharesCsv({ edges, counts }: Shares): string {
  const rows = edges.slice(0, -1).map((edge, at) => [edge, edges[at + 1] ?? edge, ...counts.map((of) => of[at] ?? 0)]);
  return csv(["from", "to", "first", "second"], rows);
}
