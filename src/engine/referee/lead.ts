import type { ComparedVector } from "../../protocol/referee.ts";
import { goal } from "./limits.ts";
import { worstOf } from "./rates.ts";

/** The name under which a compared vector's McNemar test against the one on trial stands. */
export const theOneOnTrial = "the vector on trial";
/** From this p on a lead may be chance. */
const level = 0.05;

/** Whether all four rates of a vector are as good as is wanted, at a length at which random signs do little. */
export function reachesGoal({ quiet }: Pick<ComparedVector, "quiet">): boolean {
  return quiet !== null && worstOf(quiet.rates) >= goal.rate && quiet.random < goal.random;
}

/** How far a vector is ahead of the one on trial. */
export interface Lead {
  /** Points of the worst of the four rates; negative where it is behind. */
  readonly points: number;
  /** McNemar's exact p over names, each right where it did as it should under both signs. */
  readonly p: number;
  /** Whether that is more than chance. */
  readonly shown: boolean;
}

/** @param onTrial the vector that it is compared with */
export function leadOf(vector: ComparedVector, onTrial: ComparedVector): Lead {
  const points = 100 * (worstOf(vector.rates) - worstOf(onTrial.rates));
  const p = vector.against.find(({ control }) => control === theOneOnTrial)?.p ?? 1;
  return { points, p, shown: points !== 0 && p < level };
}
