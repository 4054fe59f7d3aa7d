export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Median with the least and the largest. */
export function summary(values) {
  return { median: median(values), least: Math.min(...values), largest: Math.max(...values), runs: values.length };
}

/** @param text little-endian float32 in base64 */
export function vector(text) {
  return new Float32Array(Uint8Array.from(Buffer.from(text, "base64")).buffer);
}

export function cosine(a, b) {
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    ab += a[i] * b[i];
    aa += a[i] * a[i];
    bb += b[i] * b[i];
  }
  return ab / Math.sqrt(aa * bb);
}
