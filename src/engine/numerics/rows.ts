/** n vectors of one width, row after row, in double precision. */
export interface Rows {
  readonly data: Float64Array;
  readonly count: number;
  readonly width: number;
}

/** Rows [n, width] from single-precision data. */
export function rowsOf(data: ArrayLike<number>, width: number): Rows {
  if (width < 1 || data.length % width !== 0) {
    throw new RangeError(`${data.length} numbers are not whole rows of ${width}.`);
  }
  return { data: Float64Array.from(data), count: data.length / width, width };
}

/** A view of one row [width]. */
export function rowAt(rows: Rows, position: number): Float64Array {
  return rows.data.subarray(position * rows.width, (position + 1) * rows.width);
}

/** The rows at these positions, copied, in this order. */
export function takeRows(rows: Rows, positions: readonly number[]): Rows {
  const data = new Float64Array(positions.length * rows.width);
  positions.forEach((position, place) => {
    data.set(rowAt(rows, position), place * rows.width);
  });
  return { data, count: positions.length, width: rows.width };
}

/** xᵀy over the first `length` entries, from the given offset of x on; four sums, so that a processor can overlap them. */
export function dot(x: Float64Array, y: Float64Array, length = y.length, offset = 0): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = 0;
  for (; i + 3 < length; i += 4) {
    a += x[offset + i]! * y[i]!;
    b += x[offset + i + 1]! * y[i + 1]!;
    c += x[offset + i + 2]! * y[i + 2]!;
    d += x[offset + i + 3]! * y[i + 3]!;
  }
  for (; i < length; i++) a += x[offset + i]! * y[i]!;
  return a + b + (c + d);
}

/** ‖x‖₂. */
export function norm(x: Float64Array): number {
  return Math.sqrt(dot(x, x));
}

/** xᵀy / (‖x‖ ‖y‖); 0 where a vector is zero. */
export function cosine(x: Float64Array, y: Float64Array): number {
  const lengths = norm(x) * norm(y);
  return lengths === 0 ? 0 : dot(x, y) / lengths;
}

/** X w: one number a row [n]. `w` may be longer than a row; the rest is ignored. */
export function multiply(rows: Rows, w: Float64Array): Float64Array {
  const { data, count, width } = rows;
  const result = new Float64Array(count);
  for (let row = 0; row < count; row++) result[row] = dot(data, w, width, row * width);
  return result;
}

/** Xᵀ c, the rows' sum weighted by c [n], added into `result` [width or more]. */
export function addWeightedRows(rows: Rows, c: Float64Array, result: Float64Array): void {
  const { data, count, width } = rows;
  for (let row = 0; row < count; row++) {
    const factor = c[row]!;
    if (factor === 0) continue;
    const start = row * width;
    for (let i = 0; i < width; i++) result[i]! += factor * data[start + i]!;
  }
}

/** Mean of all rows [width]. */
export function meanRow(rows: Rows): Float64Array {
  const mean = new Float64Array(rows.width);
  addWeightedRows(rows, new Float64Array(rows.count).fill(1 / rows.count), mean);
  return mean;
}
