/** The factorisation in blocks against the scalar one, whatever the matrix' size is to the block's. */
import { describe, expect, it } from "vitest";
import { BlockCholesky } from "../../../src/engine/numerics/blockCholesky.ts";
import { Cholesky } from "../../../src/engine/numerics/cholesky.ts";
import { quietRun } from "../../support/run.ts";

function someMatrix(n: number): Float64Array {
  const keys = Array.from({ length: 2 * n }, (_, t) =>
    Float64Array.from({ length: n }, (_, i) => Math.sin(t * t + 3 * i)),
  );
  return Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    return keys.reduce((sum, key) => sum + key[i]! * key[j]!, i === j ? 0.1 : 0);
  });
}

describe("a matrix factored in blocks", () => {
  it.each([1, 7, 8, 9, 24, 37])("of %d rows, 8 a block, gives the solution of the scalar factorisation", async (n) => {
    const matrix = someMatrix(n);
    const told: number[] = [];
    const run = quietRun({ progress: ({ done, total }) => void told.push(done / total) });
    const blocks = await BlockCholesky.of((i, j) => matrix[i * n + j]!, n, { rows: 8 }, run);
    const b = Float64Array.from({ length: n }, (_, i) => Math.cos(i));
    const [found, expected] = [blocks.solve(b), new Cholesky(matrix, n).solve(b)];
    for (let i = 0; i < n; i++) expect(Math.abs(found[i]! - expected[i]!)).toBeLessThan(1e-9);
    for (let i = 0; i < n; i++) {
      const row = matrix.subarray(i * n, (i + 1) * n);
      expect(row.reduce((sum, x, j) => sum + x * found[j]!, 0)).toBeCloseTo(b[i]!, 9);
    }
    expect(told.at(-1)).toBe(1);
    expect(told).toEqual([...told].sort((a, b) => a - b));
  });

  it("is refused where it is not positive definite, and stops between columns when told to", async () => {
    await expect(BlockCholesky.of((i, j) => (i === j ? 1 - i : 0), 12, { rows: 4 }, quietRun())).rejects.toThrow(
      RangeError,
    );
    const abort = new AbortController();
    const stopped = BlockCholesky.of(
      (i, j) => (i === j ? 1 : 0),
      12,
      { rows: 4 },
      { signal: abort.signal, progress: () => abort.abort() },
    );
    await expect(stopped).rejects.toMatchObject({ reason: "cancelled" });
  });
});
