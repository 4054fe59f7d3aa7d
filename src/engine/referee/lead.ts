import type { ComparedVector } from "../../protocol/referee.ts";
import { worstOf } from "../../text/refereeTables.ts";
import { goal } from "./limits.ts";

/** The name under which a compared vector's McNemar test against the one on trial stands. */
export const theOneOnTrial = "the vector on trial";
/** From this p on a lead may be chance. */
const level = 0.05;

/**
 * Whether all four rates of a vector are as good as is wanted, where random signs do little: at its best length, or at the
 * best of those at which random signs did little on the validation half. Both were chosen there, and are judged here.
 */
export function reachesGoal({ quiet, rates, random }: Pick<ComparedVector, "quiet" | "rates" | "random">): boolean {
  const tried = [{ rates, random }, ...(quiet ? [quiet] : [])];
  return tried.some((at) => worstOf(at.rates) >= goal.rate && at.random < goal.random);
}

/** How far a vector is ahead of the one on trial. */
export interface Lead {
  /** Points of the worst of the four rates; negative where it is behind. */
  readonly points: number;
  /**
   * McNemar's exact p over names, each right where it did as it should under both signs; adjusted by Holm (1979), because
   * so many vectors are compared with the one on trial.
   */
  readonly p: number;
  /** Whether that is more than chance. */
  readonly shown: boolean;
}

/**
 * @param vectors all that were compared
 * @param onTrial the one that they were compared with
 */
export function leadsOf(
  vectors: readonly ComparedVector[],
  onTrial: ComparedVector,
): ReadonlyMap<ComparedVector["name"], Lead> {
  const tested = vectors
    .filter(({ name }) => name !== onTrial.name)
    .flatMap((vector) => {
      const test = vector.against.find(({ control }) => control === theOneOnTrial);
      return test ? [{ vector, p: test.p }] : [];
    })
    .sort((a, b) => a.p - b.p);
  const leads = new Map<ComparedVector["name"], Lead>([[onTrial.name, { points: 0, p: 1, shown: false }]]);
  let adjusted = 0;
  for (const [rank, { vector, p }] of tested.entries()) {
    adjusted = Math.max(adjusted, Math.min(1, p * (tested.length - rank)));
    const points = 100 * (worstOf(vector.rates) - worstOf(onTrial.rates));
    leads.set(vector.name, { points, p: Number(adjusted.toPrecision(4)), shown: points !== 0 && adjusted < level });
  }
  return leads;
}

/** The vector of which the other half of the names says that it is the best: the one on trial where none is ahead of it. */
export function bestBefore(vectors: readonly ComparedVector[], onTrial: ComparedVector): ComparedVector {
  const worst = ({ curve }: ComparedVector) => Math.max(...curve.map((point) => point.worst));
  return vectors.reduce((best, one) => (worst(one) > worst(best) ? one : best), onTrial);
}
