/** A part of a recording: batch `index` − 1, and every `count`-th after it. */
export interface Shard {
  /** From 1. */
  readonly index: number;
  readonly count: number;
}

/** The shard, from 1, that a batch (from 0) belongs to, of so many. */
export function shardOf(batch: number, count: number): number {
  return (batch % count) + 1;
}
