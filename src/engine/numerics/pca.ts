import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { addWeightedRows, dot, meanRow, multiply, type Rows, rowAt, takeRows } from "./rows.ts";

/** Centred rows along their own principal axes, largest variance first. */
export interface PrincipalAxes {
  /** Coordinates [n, rank]: each row's distance from the mean along each axis. */
  readonly coordinates: Rows;
  /** Share of the total variance along each axis [rank]. */
  readonly explainedVariance: readonly number[];
  /** The rows' mean [d]. */
  readonly mean: Float64Array;
  /** The direction [d] whose components along the axes are these [rank]. */
  lift(components: Float64Array): Float64Array;
}

/** Axes along which the rows vary less than this share of the largest variance are rounding. */
const negligible = 1e-12;

/**
 * Principal component analysis, complete: by the eigenvectors of XᵀX [d, d] or of XXᵀ [n, n], whichever is smaller
 * (X centred). The sign of an axis, which is arbitrary, is chosen so that its largest coordinate is positive.
 *
 * Since nothing but a rotation and the mean is taken off, whatever depends on inner products of centred rows, such as
 * an L2-regularised classifier with a free intercept, can be computed in the coordinates and lifted; they are short
 * (rank ≤ n) and their axes are uncorrelated, which makes its equations easy to solve.
 */
export function principalAxes(rows: Rows): PrincipalAxes {
  const mean = meanRow(rows);
  const centred = takeRows(
    rows,
    Array.from({ length: rows.count }, (_, row) => row),
  );
  for (let row = 0; row < rows.count; row++) {
    const values = rowAt(centred, row);
    for (let i = 0; i < values.length; i++) values[i]! -= mean[i]!;
  }
  const wide = rows.width > rows.count;
  // The vectors whose inner products are taken: rows where these are fewer, else columns.
  const vectors = wide ? centred : transposed(centred);
  const { variances, axes } = eigen(vectors);
  const rank = axes.length;
  const coordinates = new Float64Array(rows.count * rank);
  // For rows, an eigenvector u of XXᵀ gives the axis Xᵀu/√λ and the coordinates √λ·u; for columns it is the axis.
  const factors = axes.map((axis, i) => {
    const root = Math.sqrt(variances[i]!);
    const along = wide ? axis.map((value) => value * root) : multiply(centred, axis);
    const sign = signOfLargest(along);
    for (let row = 0; row < rows.count; row++) coordinates[row * rank + i] = sign * along[row]!;
    return axis.map((value) => (sign * value) / (wide ? root : 1));
  });
  const total = dot(centred.data, centred.data);
  return {
    coordinates: { data: coordinates, count: rows.count, width: rank },
    explainedVariance: variances.slice(0, rank).map((variance) => variance / total),
    mean,
    lift(components) {
      const combined = new Float64Array(vectors.count);
      factors.forEach((factor, i) => {
        for (let k = 0; k < combined.length; k++) combined[k]! += components[i]! * factor[k]!;
      });
      if (!wide) return combined;
      const result = new Float64Array(rows.width);
      addWeightedRows(centred, combined, result);
      return result;
    },
  };
}

/** Eigenvalues of the vectors' inner products, largest first, and the eigenvectors of those that are not rounding. */
function eigen(vectors: Rows): { variances: number[]; axes: Float64Array[] } {
  const { count } = vectors;
  const products = Matrix.zeros(count, count);
  for (let i = 0; i < count; i++) {
    const vector = rowAt(vectors, i);
    for (let j = 0; j <= i; j++) {
      const product = dot(vectors.data, vector, vectors.width, j * vectors.width);
      products.set(i, j, product);
      products.set(j, i, product);
    }
  }
  const { realEigenvalues: values, eigenvectorMatrix } = new EigenvalueDecomposition(products, {
    assumeSymmetric: true,
  });
  const order = values.map((_, i) => i).sort((a, b) => values[b]! - values[a]!);
  const kept = order.filter((i) => values[i]! > negligible * Math.max(values[order[0]!]!, Number.MIN_VALUE));
  return {
    variances: kept.map((i) => values[i]!),
    axes: kept.map((i) => Float64Array.from(eigenvectorMatrix.getColumn(i))),
  };
}

function transposed({ data, count, width }: Rows): Rows {
  const result = new Float64Array(data.length);
  for (let row = 0; row < count; row++) {
    for (let i = 0; i < width; i++) result[i * count + row] = data[row * width + i]!;
  }
  return { data: result, count: width, width: count };
}

function signOfLargest(values: Float64Array): number {
  return values.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0) < 0 ? -1 : 1;
}
