import { seededRandom } from "../../src/engine/numerics/seededRandom.ts";

/** A generator of whole numbers below a bound, the same for the same seed. */
export function seeded(seed: number): (below: number) => number {
  const random = seededRandom(seed);
  return (below) => Math.floor(random() * below);
}
