import { seededRandom } from "./seededRandom.ts";

/** What the experiment draws: splits, shuffles, signs. The same seed and stream give the same draws on every machine. */
export class Random {
  /** Uniform in [0, 1), 32 bits fine. */
  readonly uniform: () => number;

  /**
   * @param stream names an independent sequence under the same seed, so that a part of an analysis keeps its numbers
   *   when another part draws more or fewer
   */
  constructor(seed: number, stream = "") {
    this.uniform = seededRandom(fnv1a(`${seed} ${stream}`));
  }

  /** Uniform integer in [0, bound). */
  below(bound: number): number {
    return Math.floor(this.uniform() * bound);
  }

  /** A shuffled copy (Fisher–Yates). */
  shuffled<T>(items: Iterable<T>): T[] {
    const result = [...items];
    for (let last = result.length - 1; last > 0; last--) {
      const other = this.below(last + 1);
      const item = result[last]!;
      result[last] = result[other]!;
      result[other] = item;
    }
    return result;
  }
}

/** 32-bit hash of a text (Fowler, Noll and Vo). */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
