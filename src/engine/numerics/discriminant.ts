import { Cholesky } from "./cholesky.ts";
import type { LinearModel } from "./logisticRegression.ts";
import { dot, meanRow, type Rows, rowAt, takeRows } from "./rows.ts";

/**
 * Linear discriminant analysis with a covariance shrunk by Ledoit and Wolf's rule, as scikit-learn's
 * `LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")`: w = Σ⁻¹(μ₁ − μ₀), Σ the mean of the groups' shrunk
 * covariances, each group in its share. The direction that tells the groups apart once what varies anyway is whitened.
 *
 * @param labels 0 or 1, one a row, each at least twice
 */
export function fitDiscriminant(rows: Rows, labels: ArrayLike<number>): LinearModel {
  const { count, width } = rows;
  const groups = [0, 1].map((label) => {
    const positions = Array.from({ length: count }, (_, row) => row).filter((row) => labels[row] === label);
    const members = takeRows(rows, positions);
    return { members, mean: meanRow(members), share: positions.length / count };
  });
  const [zero, one] = groups as [(typeof groups)[number], (typeof groups)[number]];
  const covariance = new Float64Array(width * width);
  for (const { members, mean, share } of groups) {
    const matrix = shrunkCovariance(members, mean);
    for (let i = 0; i < matrix.length; i++) covariance[i]! += share * matrix[i]!;
  }
  const difference = one.mean.map((value, i) => value - zero.mean[i]!);
  const weights = new Cholesky(covariance, width).solve(difference);
  const middle = one.mean.map((value, i) => (value + zero.mean[i]!) / 2);
  return { weights, intercept: Math.log(one.share / zero.share) - dot(weights, middle) };
}

/**
 * Covariance [d, d] of rows, shrunk towards a multiple of the identity after each component was scaled to unit variance
 * (Ledoit & Wolf 2004), and scaled back.
 */
function shrunkCovariance(rows: Rows, mean: Float64Array): Float64Array {
  const { count: n, width: d } = rows;
  const scale = new Float64Array(d);
  const centred = takeRows(
    rows,
    Array.from({ length: n }, (_, row) => row),
  );
  for (let row = 0; row < n; row++) {
    const values = rowAt(centred, row);
    for (let i = 0; i < d; i++) {
      values[i]! -= mean[i]!;
      scale[i]! += values[i]! ** 2 / n;
    }
  }
  for (let i = 0; i < d; i++) scale[i] = Math.sqrt(scale[i]!) || 1;
  const columns = new Float64Array(d * n);
  for (let row = 0; row < n; row++)
    for (let i = 0; i < d; i++) columns[i * n + row] = centred.data[row * d + i]! / scale[i]!;
  const matrix = new Float64Array(d * d);
  let trace = 0;
  let squares = 0;
  for (let i = 0; i < d; i++) {
    const column = columns.subarray(i * n, (i + 1) * n);
    for (let j = 0; j <= i; j++) {
      const value = dot(columns, column, n, j * n) / n;
      matrix[i * d + j] = value;
      matrix[j * d + i] = value;
      squares += (i === j ? 1 : 2) * value * value;
    }
    trace += matrix[i * d + i]!;
  }
  const middle = trace / d;
  // Σ over i, j of the mean of (x_i x_j)²: the mean over rows of ‖x‖⁴.
  let fourth = 0;
  for (let row = 0; row < n; row++) {
    let square = 0;
    for (let i = 0; i < d; i++) square += columns[i * n + row]! ** 2;
    fourth += square * square;
  }
  const beta = (fourth / n - squares) / (d * n);
  const delta = (squares - 2 * middle * trace + d * middle * middle) / d;
  const shrinkage = delta === 0 ? 0 : Math.min(beta, delta) / delta;
  for (let i = 0; i < d; i++)
    for (let j = 0; j < d; j++) {
      const shrunk = (1 - shrinkage) * matrix[i * d + j]! + (i === j ? shrinkage * middle : 0);
      matrix[i * d + j] = shrunk * scale[i]! * scale[j]!;
    }
  return matrix;
}
