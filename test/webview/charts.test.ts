/** The pure parts of the views behind charts and tables: bins, sweep, rows, requests, folding. */
import { describe, expect, it } from "vitest";
import type { LayerRow } from "../../src/protocol/measurements.ts";
import type { Point, TransferRow } from "../../src/protocol/results.ts";
import { bin, roundStep } from "../../src/webview/charts/bins.ts";
import { shortened } from "../../src/webview/charts/shortened.ts";
import { filterPoints, isMisread, pointsCsv, signOfFirst, sortPoints } from "../../src/webview/lab/experiment/rows.ts";
import { isComplete, promptParts, targetOf } from "../../src/webview/lab/flip/request.ts";
import { Selection } from "../../src/webview/lab/selection.ts";
import { layerSeries } from "../../src/webview/lab/specificity/layerSeries.ts";
import { draggedOthers, resistingNames, shareAt, sweepOf } from "../../src/webview/lab/vector/sweep.ts";
import { isFolded } from "../../src/webview/results/layout.ts";

describe("a chart's legend", () => {
  it("shortens names that are longer than the chart is wide in their middle, and leaves the others", () => {
    const within = (most: number, text: string) => shortened(text, most, ({ length }) => length);
    expect(within(13, "Qwen2.5-Coder · 60 names")).toBe("Qwen2.… names");
    expect(within(13, "Qwen2.5-Coder")).toBe("Qwen2.5-Coder");
    expect(within(0, "Qwen")).toBe("Q…n");
  });
});

describe("histogram bins", () => {
  it("counts every value exactly once, each series apart", () => {
    const a = Array.from({ length: 500 }, (_, i) => Math.sin(i) * 7);
    const b = Array.from({ length: 300 }, (_, i) => 3 + Math.cos(i));
    const { edges, counts } = bin([a, b], 30);
    expect(counts.map((of) => of.reduce((x, y) => x + y, 0))).toEqual([500, 300]);
    expect(counts[0]).toHaveLength(edges.length - 1);
    counts[0]?.forEach((n, i) => {
      const last = i === edges.length - 2;
      const inside = a.filter((x) => x >= (edges[i] ?? 0) && (x < (edges[i + 1] ?? 0) || (last && x === edges[i + 1])));
      expect(n).toBe(inside.length);
    });
  });

  it("has round, even edges, and one at zero when the values are on both sides", () => {
    const { edges } = bin([[-7.3, 6.1]], 30);
    expect(edges).toContain(0);
    const widths = edges.slice(1).map((edge, i) => edge - (edges[i] ?? 0));
    for (const width of widths) expect(width).toBeCloseTo(0.5, 9);
  });

  it("rounds steps up to 1, 2, 2.5, 5 or 10", () => {
    expect([0.9, 1, 1.2, 2.1, 3, 7, 0.03, 420].map(roundStep)).toEqual([1, 1, 2, 2.5, 5, 10, 0.05, 500]);
  });

  it("takes nothing, one value, and what is not a number", () => {
    expect(bin([[], []])).toEqual({ edges: [], counts: [[], []] });
    expect(bin([[3, 3]]).counts).toEqual([[2]]);
    expect(bin([[Number.NaN, 1, 2]], 2).counts[0]?.reduce((a, b) => a + b, 0)).toBe(2);
  });
});

describe("the layers' chart", () => {
  const palette = { series: ["blue", "purple", "green"] as const, first: "blue", second: "yellow" };

  it("gives ‖Δv‖ a scale of its own, and the shares the common one", () => {
    const rates = { success: rate(4), paraphrase: rate(3), damage: rate(1) };
    const series = layerSeries([{ layer: 0, deltaNorm: 31.2, ...rates } as LayerRow], palette);
    const own = series.filter((line) => "yAxisID" in line);
    expect(own.map(({ label }) => label)).toEqual(["‖Δv‖ (right)"]);
    expect(own[0]).toMatchObject({ yAxisID: "y2", data: [{ x: 0, y: 31.2 }] });
    for (const line of series) if (line !== own[0]) expect(line.data[0]?.y).toBeLessThanOrEqual(1);
  });
});

const rate = (count: number) => ({ count, total: 4 });
const four = (changed: number, stayed: number) => ({
  plus: { changed: { count: changed, total: 200 }, stayed: { count: stayed, total: 200 } },
  minus: { changed: { count: changed / 2, total: 200 }, stayed: { count: stayed, total: 200 } },
});
const row = (vector: TransferRow["vector"], scale: number, changed: number, stayed = 198): TransferRow => ({
  vector,
  scale,
  ...four(changed, stayed),
  failures: [
    { name: `up${scale}`, sign: 1, completion: " female" },
    { name: `down${scale}`, sign: -1, completion: " male" },
  ],
});

describe("sweep of scales", () => {
  // Out of order on purpose.
  const transfer = [
    row("concept", 1, 190),
    row("concept", 0.5, 80),
    row("random", 1, 2),
    row("random", 1, 6),
    row("concept", 2, 200),
  ];
  const sweep = sweepOf(transfer, "concept", "label");

  it("gives the counts where a scale was tried, for either sign", () => {
    expect(shareAt(sweep, "plus", "changed", 1)).toEqual({ share: 0.95, counts: { count: 190, total: 200 } });
    expect(shareAt(sweep, "minus", "changed", -1).share).toBeCloseTo(0.475, 12);
  });

  it("is linear between two scales, and claims no counts there", () => {
    const at = shareAt(sweep, "plus", "changed", 0.75);
    expect(at.share).toBeCloseTo((0.4 + 0.95) / 2, 12);
    expect(at.counts).toBeNull();
  });

  it("starts where nothing is added and nothing changes", () => {
    expect(shareAt(sweep, "plus", "changed", 0).share).toBe(0);
    expect(shareAt(sweep, "plus", "stayed", 0).share).toBe(1);
    expect(shareAt(sweep, "plus", "changed", 0.25).share).toBeCloseTo(0.2, 12);
  });

  it("says nothing beyond the last scale tried", () => {
    expect(shareAt(sweep, "plus", "changed", 2.01)).toEqual({ share: null, counts: null });
    expect(sweepOf(transfer, "meanDifference", "label")).toEqual([]);
  });

  it("takes seeds of a random vector together, with their range", () => {
    const random = sweepOf(transfer, "random", "label").at(-1);
    expect(random?.shares.plus.changed).toEqual({
      mean: 0.02,
      low: 0.01,
      high: 0.03,
      counts: { count: 8, total: 400 },
    });
  });

  it("judges by the first word only where that was recorded", () => {
    expect(sweepOf(transfer, "concept", "firstWord")).toEqual([]);
    const judged = sweepOf([{ ...row("concept", 1, 190), byFirstWord: four(100, 150) }], "concept", "firstWord");
    expect(shareAt(judged, "plus", "changed", 1).share).toBe(0.5);
  });

  it("tells what became of names with other labels, for the sign", () => {
    const others = { plus: { count: 3, total: 40 }, minus: { count: 1, total: 40 } };
    const rows = [{ ...row("concept", 1, 190), others }];
    expect(draggedOthers(rows, 1)).toEqual(others.plus);
    expect(draggedOthers(rows, -1)).toEqual(others.minus);
    expect(draggedOthers(rows, 0.5)).toBeNull();
  });

  it("lists who resists at the nearest scale tried, for the sign", () => {
    expect(resistingNames(transfer, 0.6)).toEqual({ scale: 0.5, names: [expect.objectContaining({ name: "up0.5" })] });
    expect(resistingNames(transfer, -1.9)).toEqual({ scale: -2, names: [expect.objectContaining({ name: "down2" })] });
    expect(resistingNames([], 1)).toBeNull();
  });
});

const labels = ["female", "male"] as const;
function point(name: string, change: Partial<Point> = {}): Point {
  const from = change.from ?? "female";
  const to = from === "female" ? "male" : "female";
  return {
    name,
    from,
    to,
    split: "train",
    score: from === "female" ? 4 : -4,
    projection: 10,
    deltaNorm: 30,
    pca: [1, 2, 3],
    evaluations: 12,
    flipped: true,
    before: { [from]: 0.99, [to]: 0.01 },
    after: { [from]: 0.02, [to]: 0.98 },
    ...change,
  };
}

describe("table of edits", () => {
  const points = [
    point("Zoë"),
    point("ben", { from: "male", split: "test" }),
    point("Ann", { score: -1, evaluations: 9 }),
    point("Tom", { from: "male", flipped: false, evaluations: 20 }),
  ];
  const names = (list: readonly Point[]) => list.map((p) => p.name);
  const all = { text: "", direction: "both", subset: "all" } as const;

  it("sorts by text as people do and by numbers as numbers, both ways", () => {
    expect(names(sortPoints(points, { column: "name", descending: false }))).toEqual(["Ann", "ben", "Tom", "Zoë"]);
    expect(names(sortPoints(points, { column: "evaluations", descending: true }))).toEqual([
      "Tom",
      "ben",
      "Zoë",
      "Ann",
    ]);
    expect(names(points)).toEqual(["Zoë", "ben", "Ann", "Tom"]);
  });

  it("filters by text without regard to case and accents, by direction, by part", () => {
    const filter = (change: object) => names(filterPoints(points, { ...all, ...change }, labels));
    expect(filter({ text: "zoe" })).toEqual(["Zoë"]);
    expect(filter({ text: " B" })).toEqual(["ben"]);
    expect(filter({ direction: "second" })).toEqual(["ben", "Tom"]);
    expect(filter({ subset: "test" })).toEqual(["ben"]);
    expect(filter({ subset: "unflipped" })).toEqual(["Tom"]);
    expect(filter({ subset: "misread" })).toEqual(["Ann"]);
  });

  it("tells which sign stands for which direction from the data", () => {
    const mirrored = points.map((p) => ({ ...p, score: -p.score }));
    expect(signOfFirst(points, labels)).toBe(1);
    expect(signOfFirst(mirrored, labels)).toBe(-1);
    expect(names(mirrored.filter((p) => isMisread(p, labels, -1)))).toEqual(["Ann"]);
  });

  it("exports full numbers, and names that cannot be formulas", () => {
    const lines = pointsCsv([point("=cmd()", { projection: -12.3456789 })]).split("\r\n");
    expect(lines[0]?.split(",").slice(0, 3)).toEqual(["name", "from", "to"]);
    expect(lines[1]).toBe("'=cmd(),female,male,train,true,0.01,0.98,4,-12.3456789,30,12,1,2,3");
  });
});

describe("selection", () => {
  it("keeps one, or two to compare, and tells only of changes", () => {
    const selection = new Selection();
    let changes = 0;
    selection.onChange(() => changes++);
    selection.set(["Ann"]);
    selection.set(["Ann"]);
    expect(changes).toBe(1);
    selection.toggle("Ben");
    expect(selection.names).toEqual(["Ann", "Ben"]);
    selection.toggle("Cleo");
    expect(selection.names).toEqual(["Ben", "Cleo"]);
    selection.toggle("Ben");
    expect(selection.names).toEqual(["Cleo"]);
    expect(changes).toBe(4);
  });
});

describe("request of the Flip tab", () => {
  const female = { label: "female", text: " female" };
  it("keeps the leading space that joins an answer to the prompt", () => {
    expect(targetOf(" female ", female)).toBe(female);
    expect(targetOf("woman", female)).toEqual({ label: "woman", text: " woman" });
    expect(targetOf("x", { label: "a", text: "a" })).toEqual({ label: "x", text: "x" });
  });

  it("wants a name, one {} and both answers", () => {
    const request = {
      name: "Ben",
      template: "Name: {}. Gender:",
      targets: [female, { label: "male", text: " male" }],
    } as Parameters<typeof isComplete>[0];
    expect(isComplete(request)).toBe(true);
    expect(isComplete({ ...request, name: " " })).toBe(false);
    expect(isComplete({ ...request, template: "Name:" })).toBe(false);
    expect(isComplete({ ...request, template: "{} and {}" })).toBe(false);
    expect(promptParts("Name: {}. Gender:")).toEqual(["Name: ", ". Gender:"]);
  });
});

describe("folding of cards", () => {
  const card = (id: string, state = "done") => ({ id, body: { state } });
  it("folds all but the newest when there are more than three, as long as the user did not say otherwise", () => {
    const none = { folded: {} };
    expect([0, 1, 2].map((i) => isFolded(none, card("c"), i, 3))).toEqual([false, false, false]);
    expect([0, 1, 3].map((i) => isFolded(none, card("c"), i, 4))).toEqual([false, true, true]);
    expect(isFolded(none, card("c", "running"), 3, 4)).toBe(false);
    expect(isFolded({ folded: { c: false } }, card("c"), 3, 4)).toBe(false);
    expect(isFolded({ folded: { c: true } }, card("c"), 0, 1)).toBe(true);
  });
});
