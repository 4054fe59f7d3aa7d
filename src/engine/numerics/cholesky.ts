/**
 * Solves A x = b for symmetric positive definite A, in double precision. The factor is made once and kept: each
 * further solve costs two triangular substitutions.
 */
export class Cholesky {
  /** L with A = L Lᵀ: its lower triangle, row by row, zeros above [n, n]. */
  readonly factor: Float64Array;

  /** @param matrix A [n, n], row-major; only its lower triangle is read */
  constructor(
    matrix: ArrayLike<number>,
    readonly n: number,
  ) {
    const factor = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      const row = factor.subarray(i * n, i * n + i + 1);
      for (let j = 0; j <= i; j++) {
        const other = factor.subarray(j * n, j * n + j + 1);
        let sum = matrix[i * n + j] as number;
        for (let k = 0; k < j; k++) sum -= (row[k] as number) * (other[k] as number);
        if (i === j && !(sum > 0)) throw new RangeError("the matrix is not positive definite");
        row[j] = i === j ? Math.sqrt(sum) : sum / (other[j] as number);
      }
    }
    this.factor = factor;
  }

  /** A⁻¹ b [n]. */
  solve(b: ArrayLike<number>): Float64Array {
    const { n, factor } = this;
    const x = Float64Array.from(b);
    for (let i = 0; i < n; i++) {
      let sum = x[i] as number;
      for (let k = 0; k < i; k++) sum -= (factor[i * n + k] as number) * (x[k] as number);
      x[i] = sum / (factor[i * n + i] as number);
    }
    for (let i = n - 1; i >= 0; i--) {
      const value = (x[i] as number) / (factor[i * n + i] as number);
      x[i] = value;
      for (let k = 0; k < i; k++) x[k] = (x[k] as number) - (factor[i * n + k] as number) * value;
    }
    return x;
  }

  /** L⁻¹, laid out as L. */
  inverseFactor(): Float64Array {
    const { n, factor } = this;
    const inverse = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      const row = inverse.subarray(i * n, i * n + i + 1);
      row[i] = 1;
      for (let k = 0; k < i; k++) {
        const share = factor[i * n + k] as number;
        const above = inverse.subarray(k * n, k * n + k + 1);
        for (let j = 0; j <= k; j++) row[j] = (row[j] as number) - share * (above[j] as number);
      }
      for (let j = 0; j <= i; j++) row[j] = (row[j] as number) / (factor[i * n + i] as number);
    }
    return inverse;
  }
}
