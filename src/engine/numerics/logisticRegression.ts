import { addWeightedRows, dot, multiply, norm, type Rows } from "./rows.ts";

/** P(label 1 | x) = σ(wᵀx + b). */
export interface LinearModel {
  readonly weights: Float64Array;
  readonly intercept: number;
}

export interface FitOptions {
  /** Inverse strength of the regularisation, as scikit-learn's C. */
  readonly C: number;
  /** Wanted bound on ‖w − w*‖ / ‖w*‖; the default gives coefficients, 1e-3 is plenty for an accuracy. */
  readonly tolerance?: number;
  /** Where to start, for instance the solution for a neighbouring C. */
  readonly start?: LinearModel;
}

/**
 * L2-regularised logistic regression: minimises ½‖w‖² + C Σ log(1 + exp(−s_i (wᵀx_i + b))), s_i = ±1, with a free
 * intercept and no standardisation, which is the problem scikit-learn's LogisticRegression(C) states.
 *
 * Newton's method whose linear systems are solved by conjugate gradients (never forming the Hessian), with a
 * backtracking line search. The objective is 1-strongly convex in w, so the Newton decrement bounds the error in w.
 * @param labels 0 or 1, one a row, both present
 */
export function fitLogisticRegression(rows: Rows, labels: ArrayLike<number>, options: FitOptions): LinearModel {
  const { C, tolerance = 1e-8 } = options;
  const { count, width } = rows;
  const ones = Array.from(labels).filter((label) => label === 1).length;
  if (labels.length !== count || !(ones > 0 && ones < count)) {
    throw new RangeError("Logistic regression needs one label a row, and both labels.");
  }
  // w and b in one vector, b last.
  const solution = new Float64Array(width + 1);
  if (options.start) solution.set(options.start.weights);
  solution[width] = options.start?.intercept ?? Math.log(ones / (count - ones));

  const scores = scoresOf(rows, solution);
  const residuals = new Float64Array(count);
  const curvatures = new Float64Array(count);
  for (let iteration = 0; iteration < 200; iteration++) {
    for (let row = 0; row < count; row++) {
      const p = sigmoid(scores[row]!);
      residuals[row] = C * (p - labels[row]!);
      curvatures[row] = C * p * (1 - p);
    }
    const gradient = sumOfRows(rows, residuals);
    for (let i = 0; i < width; i++) gradient[i]! += solution[i]!;

    const step = newtonStep(rows, curvatures, gradient);
    const decrement = Math.sqrt(Math.max(0, -dot(gradient, step)));
    const stepScores = scoresOf(rows, step);
    const length = lineSearch(solution, step, scores, stepScores, labels, C, decrement);
    for (let i = 0; i <= width; i++) solution[i]! += length * step[i]!;
    for (let row = 0; row < count; row++) scores[row]! += length * stepScores[row]!;
    if (length === 0 || (length === 1 && decrement <= tolerance * norm(solution.subarray(0, width)))) break;
  }
  return { weights: solution.slice(0, width), intercept: solution[width]! };
}

/** wᵀx + b of every row [n]. */
export function logits(model: LinearModel, rows: Rows): Float64Array {
  const result = multiply(rows, model.weights);
  for (let row = 0; row < result.length; row++) result[row]! += model.intercept;
  return result;
}

/** Share of rows whose logit has the label's sign. */
export function accuracy(model: LinearModel, rows: Rows, labels: ArrayLike<number>): number {
  let right = 0;
  logits(model, rows).forEach((logit, row) => {
    if (logit > 0 === (labels[row] === 1)) right++;
  });
  return right / rows.count;
}

/** 1 / (1 + exp(−x)). */
export function sigmoid(x: number): number {
  const small = Math.exp(-Math.abs(x));
  return (x >= 0 ? 1 : small) / (1 + small);
}

/** log(1 + exp(x)). */
function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

function scoresOf(rows: Rows, vector: Float64Array): Float64Array {
  const scores = multiply(rows, vector);
  for (let row = 0; row < scores.length; row++) scores[row]! += vector[rows.width]!;
  return scores;
}

/** Xᵀc with Σc appended, the intercept's part. */
function sumOfRows(rows: Rows, c: Float64Array): Float64Array {
  const result = new Float64Array(rows.width + 1);
  addWeightedRows(rows, c, result);
  for (const value of c) result[rows.width]! += value;
  return result;
}

/**
 * Solves H p = −gradient with H = diag(1, …, 1, 0) + Σ curvature_i x̃_i x̃_iᵀ (x̃ = x with a 1 appended), by conjugate
 * gradients preconditioned with H's diagonal; the more exactly, the nearer the minimum.
 */
function newtonStep(rows: Rows, curvatures: Float64Array, gradient: Float64Array): Float64Array {
  const { width } = rows;
  const diagonal = diagonalOf(rows, curvatures);
  const product = (vector: Float64Array) => {
    const weighted = scoresOf(rows, vector);
    for (let row = 0; row < weighted.length; row++) weighted[row]! *= curvatures[row]!;
    const result = sumOfRows(rows, weighted);
    for (let i = 0; i < width; i++) result[i]! += vector[i]!;
    return result;
  };
  const step = new Float64Array(width + 1);
  const residual = gradient.map((value) => -value);
  const scaled = residual.map((value, i) => value / diagonal[i]!);
  const direction = scaled.slice();
  let size = dot(residual, scaled);
  const wanted = size * Math.min(1e-2, Math.sqrt(size)) ** 2;
  for (let iteration = 0; iteration < 2 * (width + 1) && size > wanted; iteration++) {
    const image = product(direction);
    const length = size / dot(direction, image);
    for (let i = 0; i <= width; i++) {
      step[i]! += length * direction[i]!;
      residual[i]! -= length * image[i]!;
      scaled[i] = residual[i]! / diagonal[i]!;
    }
    const next = dot(residual, scaled);
    for (let i = 0; i <= width; i++) direction[i] = scaled[i]! + (next / size) * direction[i]!;
    size = next;
  }
  return step;
}

function diagonalOf(rows: Rows, curvatures: Float64Array): Float64Array {
  const { data, count, width } = rows;
  const diagonal = new Float64Array(width + 1).fill(1);
  diagonal[width] = 1e-12;
  for (let row = 0; row < count; row++) {
    const curvature = curvatures[row]!;
    const start = row * width;
    for (let i = 0; i < width; i++) diagonal[i]! += curvature * data[start + i]! ** 2;
    diagonal[width]! += curvature;
  }
  return diagonal;
}

/** Longest of 1, ½, ¼ … that lowers the objective by a share of what its slope promises; 0 where rounding hides it. */
function lineSearch(
  solution: Float64Array,
  step: Float64Array,
  scores: Float64Array,
  stepScores: Float64Array,
  labels: ArrayLike<number>,
  C: number,
  decrement: number,
): number {
  const width = solution.length - 1;
  const ww = dot(solution, solution, width);
  const ws = dot(solution, step, width);
  const ss = dot(step, step, width);
  const objective = (length: number) => {
    let loss = 0;
    for (let row = 0; row < scores.length; row++) {
      const score = scores[row]! + length * stepScores[row]!;
      loss += softplus(labels[row] === 1 ? -score : score);
    }
    return (ww + 2 * length * ws + length * length * ss) / 2 + C * loss;
  };
  const before = objective(0);
  const rounding = 1e-12 * before;
  for (let length = 1; length > 1e-6; length /= 2) {
    if (objective(length) <= before - 1e-4 * length * decrement ** 2 + rounding) return length;
  }
  return 0;
}
