import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { erase, leace, orthogonal, type Projection } from "../../../src/engine/numerics/leace.ts";
import { fitLogisticRegression } from "../../../src/engine/numerics/logisticRegression.ts";
import { norm, type Rows, rowAt, rowsOf } from "../../../src/engine/numerics/rows.ts";

const numbers = v.array(v.number());
const cases = v.parse(
  v.array(
    v.object({
      name: v.string(),
      width: v.number(),
      rows: numbers,
      labels: numbers,
      mean: numbers,
      projection: numbers,
      erased: numbers,
    }),
  ),
  JSON.parse(readFileSync(join(import.meta.dirname, "../../fixtures/analysis/leace.json"), "utf8")),
);

/** left · right [d, d] */
function product({ mean, left, right }: Projection): number[] {
  const width = mean.length;
  return Array.from({ length: width * width }, (_, at) =>
    left.reduce((sum, column, k) => sum + column[Math.floor(at / width)]! * right[k]![at % width]!, 0),
  );
}

function farthest(actual: ArrayLike<number>, expected: readonly number[]): number {
  expect(actual.length).toBe(expected.length);
  const largest = Math.max(...expected.map(Math.abs));
  return Math.max(...expected.map((value, i) => Math.abs(value - actual[i]!))) / largest;
}

describe.each(cases)("least-squares erasure, $name", ({ width, rows, labels, mean, projection, erased }) => {
  const x = rowsOf(rows, width);
  const fitted = leace(x, labels);

  it("is the package's projection, of rank one", () => {
    expect(fitted.left.length).toBe(1);
    expect(fitted.right.length).toBe(1);
    expect(farthest(fitted.mean, mean)).toBeLessThan(1e-9);
    expect(farthest(product(fitted), projection)).toBeLessThan(1e-8);
  });

  it("erases what the package erases, and leaves the classes' means at one place", () => {
    const after = erase(x, fitted);
    expect(farthest(after.data, erased)).toBeLessThan(1e-8);
    const meanOf = (label: number) => {
      const own = labels.flatMap((other, row) => (other === label ? [rowAt(after, row)] : []));
      return Array.from({ length: width }, (_, i) => own.reduce((sum, row) => sum + row[i]! / own.length, 0));
    };
    expect(farthest(meanOf(0), meanOf(1))).toBeLessThan(1e-9);
  });

  it("changes nothing the second time", () => {
    const once = erase(x, fitted);
    expect(farthest(erase(once, fitted).data, [...once.data])).toBeLessThan(1e-9);
  });

  it("leaves a linear classifier nothing but how frequent the labels are", () => {
    const weights = (data: Rows) => norm(fitLogisticRegression(data, labels, { C: 1 }).weights);
    expect(weights(x)).toBeGreaterThan(0.1);
    expect(weights(erase(x, fitted))).toBeLessThan(1e-8);
  });
});

describe("erasure", () => {
  it("of classes with one mean is nothing", () => {
    const rows = rowsOf([1, 2, -1, -2, 2, -1, -2, 1], 2);
    const nothing = leace(rows, [0, 0, 1, 1]);
    expect(nothing.left).toEqual([]);
    expect(erase(rows, nothing).data).toEqual(rows.data);
  });

  it("needs both labels, one a row", () => {
    const rows = rowsOf([1, 2, 3, 4], 2);
    expect(() => leace(rows, [1, 1])).toThrow("both labels");
    expect(() => leace(rows, [1])).toThrow("one label a row");
  });
});

describe("a plain projection", () => {
  const directions = [
    [1, 1, 0, 0],
    [1, 0, 1, 0],
  ];

  it("takes the span of its directions out, and nothing else", () => {
    const projection = orthogonal(directions, 4);
    const [first, second] = [
      [1, -1, -1, 0],
      [0, 0, 0, 3],
    ];
    const rows = rowsOf([5, 4, 1, 0, ...first, ...second], 4);
    const after = erase(rows, projection);
    for (const direction of directions)
      expect(rowAt(after, 0).reduce((sum, value, i) => sum + value * direction[i]!, 0)).toBeCloseTo(0, 12);
    expect(farthest(rowAt(after, 1), first)).toBeLessThan(1e-12);
    expect(farthest(rowAt(after, 2), second)).toBeLessThan(1e-12);
  });

  it("has a rank no larger than its directions'", () => {
    expect(orthogonal([...directions, [2, 1, 1, 0], [0, 0, 0, 0]], 4).right.length).toBe(2);
  });
});
