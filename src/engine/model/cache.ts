import type { ModelSize } from "../architectures/architecture.ts";

/**
 * Keys and values of attention of the tokens already seen, for a batch of sequences. Sequences of different length
 * are padded; `valid` tells the tokens from the padding, and masks and positions follow from it.
 */
export interface Cache {
  readonly rows: number;
  /** Slots a row, padding included. */
  readonly length: number;
  /** 1 for a token, 0 for padding [rows, length]. */
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

/** What attention may see: 0 for a query's own and earlier tokens, very negative elsewhere; and each token's position. */
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
    let seen = 0;
    for (let j = 0; j < total; j++) {
      const isToken = j < length ? cache.valid[row * length + j] : present[row * n + j - length];
      if (j >= length) positions[row * n + j - length] = seen;
      if (!isToken) continue;
      for (let i = Math.max(0, j - length); i < n; i++) mask[(row * n + i) * total + j] = 0;
      seen++;
    }
  }
  return { mask, positions };
}
