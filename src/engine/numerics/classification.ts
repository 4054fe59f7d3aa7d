/** Area under the ROC curve: how often a row of label 1 scores above one of label 0, ties counted half (Mann–Whitney). */
export function areaUnderCurve(scores: ArrayLike<number>, labels: ArrayLike<number>): number {
  const order = Array.from(scores, (score, row) => ({ score, label: labels[row] })).sort((a, b) => a.score - b.score);
  let below = 0;
  let pairs = 0;
  let ones = 0;
  for (let start = 0; start < order.length; ) {
    let end = start;
    let tied = 0;
    while (end < order.length && order[end]?.score === order[start]?.score) tied += order[end++]?.label === 1 ? 1 : 0;
    const zeros = end - start - tied;
    pairs += tied * (below + zeros / 2);
    below += zeros;
    ones += tied;
    start = end;
  }
  return pairs / (ones * below);
}

/** Mean over the two labels of the share of its rows that is predicted right; 0.5 for one answer to everything. */
export function balancedAccuracy(predicted: ArrayLike<number>, labels: ArrayLike<number>): number {
  const recall = (label: number) => {
    let [right, all] = [0, 0];
    for (let row = 0; row < labels.length; row++) {
      if (labels[row] !== label) continue;
      all++;
      if (predicted[row] === label) right++;
    }
    return right / all;
  };
  return (recall(0) + recall(1)) / 2;
}

/**
 * Exact p, two-sided, of McNemar's test (1947): of the pairs in which just one of two treatments was right, could
 * either have been equally often? Binomial with ½.
 *
 * @param first pairs that only the first treatment got right
 * @param second pairs that only the second got right
 */
export function mcNemar(first: number, second: number): number {
  const n = first + second;
  let logTerm = -n * Math.LN2;
  let tail = 0;
  for (let k = 0; k <= Math.min(first, second); k++) {
    tail += Math.exp(logTerm);
    logTerm += Math.log(n - k) - Math.log(k + 1);
  }
  return Math.min(1, 2 * tail);
}
