/** A part of a work that is done in steps (batches, names, layers): step `index` − 1, and every `count`-th after it. */
export interface Shard {
  /** From 1. */
  readonly index: number;
  readonly count: number;
}

/** The shard, from 1, that a step (from 0) belongs to, of so many. */
export function shardOf(step: number, count: number): number {
  return (step % count) + 1;
}

/** The steps of a shard, of so many; without a shard, all. */
export function stepsOf(shard: Shard | undefined, total: number): number[] {
  return Array.from({ length: total }, (_, step) => step).filter(
    (step) => !shard || shardOf(step, shard.count) === shard.index,
  );
}
