import type { ModelSize } from "../architectures/architecture.ts";

/**
 * Keys and values of attention of the tokens already seen, for a batch of sequences. Sequences of different length
 * are padded, and a row may hold several short texts; `valid` tells which is which, and masks and positions follow from
 * it: a token sees its own text's, and its position is counted within it.
 */
export interface Cache {
  readonly rows: number;
  /** Slots a row, padding included. */
  readonly length: number;
  /** The number of the text that a slot's token is of (1 where a row holds one), 0 for padding [rows, length]. */
  readonly valid: Uint8Array;
  /** By layer, [rows, keyHeads, length, headSize]; a layer that is not needed may be missing. */
  readonly keys: ReadonlyMap<number, Float32Array>;
  readonly values: ReadonlyMap<number, Float32Array>;
}

export function emptyCache(rows: number, layers: readonly number[]): Cache {
  const nothing = () => new Map(layers.map((layer) => [layer, new Float32Array(0)]));
  return { rows, length: 0, valid: new Uint8Array(0), keys: nothing(), values: nothing() };
}

/** The given rows, in that order; a row may be taken several times. */
export function takeRows(cache: Cache, rows: readonly number[]): Cache {
  const take = <T extends Float32Array | Uint8Array>(from: T, size: number): T => {
    const to = new (from.constructor as new (length: number) => T)(rows.length * size);
    for (const [i, row] of rows.entries()) to.set(from.subarray(row * size, (row + 1) * size), i * size);
    return to;
  };
  const each = (arrays: ReadonlyMap<number, Float32Array>) =>
    new Map([...arrays].map(([layer, array]) => [layer, take(array, array.length / Math.max(1, cache.rows))]));
  return {
    rows: rows.length,
    length: cache.length,
    valid: take(cache.valid, cache.length),
    keys: each(cache.keys),
    values: each(cache.values),
  };
}

/**
 * Rows that each hold the texts of some of the given rows, one after another and numbered from 1; as many as there is
 * room for. A text that is alone stays where it stands.
 *
 * @param done a cache of as many rows or more that nobody reads any longer: what is made lies in its memory. What stands in
 *   slots that are not valid is not defined, but finite.
 */
export function packRows(
  { keyHeads, headSize }: ModelSize,
  cache: Cache,
  groups: readonly (readonly number[])[],
  done?: Cache,
): Cache {
  const { length } = cache;
  const valid = new Uint8Array(groups.length * length);
  /** Runs of slots to copy: from which slot of which row to which slot of the result's row. */
  const moves = groups.flatMap((group, to) => {
    let end = 0;
    return group.flatMap((from, text) => {
      const slots = cache.valid.subarray(from * length, (from + 1) * length);
      const begin = group.length === 1 ? 0 : slots.indexOf(1);
      const count = begin < 0 ? 0 : length - begin;
      for (let i = 0; i < count; i++) if (slots[begin + i]) valid[to * length + end + i] = text + 1;
      const move = { from, begin, to, end, count };
      end += count;
      return count > 0 ? [move] : [];
    });
  });
  const size = groups.length * keyHeads * length * headSize;
  const pack = (array: Float32Array, room?: Float32Array) => {
    const packed = room?.subarray(0, size) ?? new Float32Array(size);
    for (const { from, begin, to, end, count } of moves)
      for (let head = 0; head < keyHeads; head++) {
        const at = ((from * keyHeads + head) * length + begin) * headSize;
        packed.set(array.subarray(at, at + count * headSize), ((to * keyHeads + head) * length + end) * headSize);
      }
    return packed;
  };
  const each = (arrays: ReadonlyMap<number, Float32Array>, rooms?: ReadonlyMap<number, Float32Array>) =>
    new Map([...arrays].map(([layer, array]) => [layer, pack(array, rooms?.get(layer))]));
  return {
    rows: groups.length,
    length,
    valid,
    keys: each(cache.keys, done?.keys),
    values: each(cache.values, done?.values),
  };
}

/** Both caches' tokens, first's then second's, for the layers that both have. */
export function joinCaches(size: ModelSize, first: Cache, second: Cache): Cache {
  if (first.length === 0) return second;
  if (second.length === 0) return first;
  const { rows } = first;
  const length = first.length + second.length;
  const interleave = <T extends Float32Array | Uint8Array>(a: T, b: T, groups: number): T => {
    const to = new (a.constructor as new (length: number) => T)(a.length + b.length);
    const [sizeA, sizeB] = [a.length / groups, b.length / groups];
    for (let i = 0; i < groups; i++) {
      to.set(a.subarray(i * sizeA, (i + 1) * sizeA), i * (sizeA + sizeB));
      to.set(b.subarray(i * sizeB, (i + 1) * sizeB), i * (sizeA + sizeB) + sizeA);
    }
    return to;
  };
  const each = (a: ReadonlyMap<number, Float32Array>, b: ReadonlyMap<number, Float32Array>) =>
    new Map(
      [...a].flatMap(([layer, array]): [number, Float32Array][] => {
        const other = b.get(layer);
        return other ? [[layer, interleave(array, other, rows * size.keyHeads)]] : [];
      }),
    );
  return {
    rows,
    length,
    valid: interleave(first.valid, second.valid, rows),
    keys: each(first.keys, second.keys),
    values: each(first.values, second.values),
  };
}

/** Tokens of the longest text, past and present. */
export function longestText({ rows, length, valid }: Cache, present: Uint8Array, n: number): number {
  let longest = 0;
  for (let row = 0; row < rows; row++) {
    const seen: number[] = [];
    for (const slots of [valid.subarray(row * length, (row + 1) * length), present.subarray(row * n, (row + 1) * n)])
      for (const text of slots) {
        if (text === 0) continue;
        seen[text] = (seen[text] ?? 0) + 1;
        longest = Math.max(longest, seen[text]);
      }
  }
  return longest;
}

/** What attention may see: 0 for a query's own and its text's earlier tokens, very negative elsewhere; and positions. */
export function maskAndPositions(
  cache: Cache,
  present: Uint8Array,
  n: number,
): { mask: Float32Array; positions: Int32Array } {
  const hidden = -1e9;
  const { rows, length } = cache;
  const total = length + n;
  const mask = new Float32Array(rows * n * total).fill(hidden);
  const positions = new Int32Array(rows * n);
  for (let row = 0; row < rows; row++) {
    const textOf = (slot: number) =>
      (slot < length ? cache.valid[row * length + slot] : present[row * n + slot - length]) as number;
    const seen: number[] = [];
    for (let j = 0; j < total; j++) {
      const text = textOf(j);
      const before = seen[text] ?? 0;
      if (j >= length) positions[row * n + j - length] = before;
      if (text === 0) continue;
      for (let i = Math.max(0, j - length); i < n; i++)
        if (textOf(length + i) === text) mask[(row * n + i) * total + j] = 0;
      seen[text] = before + 1;
    }
  }
  return { mask, positions };
}
