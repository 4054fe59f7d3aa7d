import { throwIfCancelled } from "../../protocol/errors.ts";
import type { Run } from "../../protocol/run.ts";
import { Graph } from "../graph/graph.ts";
import { makeSession, tensorOf } from "../runtime/onnxruntime.ts";
import { Cholesky } from "./cholesky.ts";

/**
 * Rows of a block: large enough for the runtime's products to be fast, small enough for a scalar loop to factor one.
 * Small matrices stay in the processor's cache, where small blocks cost nothing: 1,024 rows take a third of the time.
 */
function blockRows(n: number): number {
  return n < 4096 ? 128 : 512;
}

export interface FactorOptions {
  /** Rows of a block; smaller in tests. */
  readonly rows?: number;
  /** Of the products; left out: all cores. */
  readonly threads?: number;
}

/**
 * `Cholesky` for matrices of some ten thousand rows: in blocks, whose products (nearly all of the n³/3 multiplications)
 * run in onnxruntime on all cores, in double precision. Takes 4n² bytes for the factor beside the matrix's own.
 */
export class BlockCholesky {
  /**
   * @param n rows of the matrix
   * @param rows rows of a block
   * @param panels the factor's lower blocks, a column of blocks after the other, each block row-major. The matrix is
   *   bordered with the identity up to a whole number of blocks.
   */
  constructor(
    readonly n: number,
    readonly rows: number,
    readonly panels: Float64Array,
  ) {}

  /** Numbers in the factor of a matrix of n rows. */
  static length(n: number, rows: number): number {
    const blocks = Math.ceil(n / rows);
    return ((blocks * (blocks + 1)) / 2) * rows * rows;
  }

  /**
   * @param entry A[i, j] for j ≤ i < n
   * @param run progress counts hundredths of the work
   * @throws RomeError ("cancelled"), between columns; RangeError for a matrix that is not positive definite
   */
  static async of(
    entry: (i: number, j: number) => number,
    n: number,
    options: FactorOptions,
    { signal, progress }: Run,
  ) {
    const rows = Math.min(options.rows ?? blockRows(n), n);
    const made = new BlockCholesky(n, rows, new Float64Array(BlockCholesky.length(n, rows)));
    const session = await makeSession(subtractProduct(), { device: "cpu", threads: options.threads });
    // Two buffers that take turns: what a product is subtracted from, and the difference.
    let [panel, spare] = [new Float64Array(made.#padded * rows), new Float64Array(made.#padded * rows)];
    const subtract = async (a: Float64Array, b: Float64Array, from: Float64Array): Promise<void> => {
      const tall = (data: Float64Array) => tensorOf(data, [data.length / rows, rows]);
      const y = tall(spare.subarray(0, a.length));
      await session.run({ a: tall(a), b: tall(b), c: tall(from) }, { y });
      [panel, spare] = [spare, panel];
    };
    for (let column = 0; column < made.#blocks; column++) {
      throwIfCancelled(signal);
      const height = made.#padded - column * rows;
      made.#read(entry, column, panel);
      for (let left = 0; left < column; left++) {
        const beside = made.#panel(left).subarray((column - left) * rows * rows);
        await subtract(beside, beside.subarray(0, rows * rows), panel.subarray(0, height * rows));
      }
      const corner = new Cholesky(panel.subarray(0, rows * rows), rows);
      made.#panel(column).set(corner.factor);
      if (height > rows) {
        const below = panel.slice(rows * rows, height * rows);
        const negative = corner.inverseFactor().map((x) => -x);
        await subtract(below, negative, new Float64Array(below.length));
        made.#panel(column).set(panel.subarray(0, below.length), rows * rows);
      }
      progress({ phase: "factor", done: Math.round(100 * (1 - (1 - (column + 1) / made.#blocks) ** 3)), total: 100 });
    }
    await session.release();
    return made;
  }

  get #blocks(): number {
    return Math.ceil(this.n / this.rows);
  }

  get #padded(): number {
    return this.#blocks * this.rows;
  }

  /** The blocks of a column from the diagonal down, as one matrix of `rows` columns. */
  #panel(column: number): Float64Array {
    const size = this.rows * this.rows;
    const before = column * this.#blocks - (column * (column - 1)) / 2;
    return this.panels.subarray(before * size, (before + this.#blocks - column) * size);
  }

  #read(entry: (i: number, j: number) => number, column: number, into: Float64Array): void {
    const { n, rows } = this;
    const first = column * rows;
    for (let i = first; i < this.#padded; i++)
      for (let j = first; j < first + rows; j++)
        into[(i - first) * rows + j - first] = i < n && j < n ? entry(Math.max(i, j), Math.min(i, j)) : i === j ? 1 : 0;
  }

  /** A⁻¹ b [n]. Rows are read where they lie in their panel: a view of each would be thousands of objects a solve. */
  solve(b: ArrayLike<number>): Float64Array {
    const { n, rows } = this;
    const x = new Float64Array(this.#padded);
    x.set(b);
    for (let column = 0; column < this.#blocks; column++) {
      const [panel, first] = [this.#panel(column), column * rows];
      for (let i = first; i < this.#padded; i++) {
        const row = (i - first) * rows;
        const end = Math.min(rows, i - first);
        let sum = x[i] as number;
        for (let k = 0; k < end; k++) sum -= (panel[row + k] as number) * (x[first + k] as number);
        x[i] = i < first + rows ? sum / (panel[row + i - first] as number) : sum;
      }
    }
    for (let column = this.#blocks - 1; column >= 0; column--) {
      const [panel, first] = [this.#panel(column), column * rows];
      for (let i = this.#padded - 1; i >= first; i--) {
        const row = (i - first) * rows;
        const end = Math.min(rows, i - first);
        if (i < first + rows) x[i] = (x[i] as number) / (panel[row + i - first] as number);
        const value = x[i] as number;
        for (let k = 0; k < end; k++) x[first + k] = (x[first + k] as number) - (panel[row + k] as number) * value;
      }
    }
    return x.subarray(0, n);
  }
}

/** y = c − a bᵀ as an ONNX model. */
function subtractProduct(): Uint8Array {
  const graph = new Graph("double");
  const [a, b] = [graph.input("a", ["rows", "inner"]), graph.input("b", ["columns", "inner"])];
  const c = graph.input("c", ["rows", "columns"]);
  graph.output("y", graph.emit("Gemm", [a, b, c], c.shape, "double", { transB: 1, alpha: { float: -1 } }));
  return graph.parts()[0]?.bytes as Uint8Array;
}
