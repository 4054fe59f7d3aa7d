/** The timeline that ROME_TRACE asks for: spans in Chrome's format, whole even where the process goes on. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { span } from "../../../src/engine/run/timeline.ts";
import { temporaryFolder } from "../../support/fixtures.ts";

afterEach(() => {
  process.env.ROME_TRACE = "";
});

interface Event {
  readonly name: string;
  readonly ph: string;
  readonly ts: number;
  readonly dur: number;
  readonly args: object;
}

it("leaves a span for each piece of work, within that of the work that it is part of, failed work included", async () => {
  const path = join(await temporaryFolder(), "trace.json");
  process.env.ROME_TRACE = path;
  const answer = await span("outer", async () => {
    await span("inner", () => new Promise((resolve) => setTimeout(resolve, 15)), { rows: 3 });
    return 7;
  });
  expect(answer).toBe(7);
  await expect(span("failing", () => Promise.reject(new Error("no")))).rejects.toThrow("no");

  const events: Event[] = JSON.parse(readFileSync(path, "utf8"));
  expect(events.map(({ name }) => name)).toEqual(["start of the process", "inner", "outer", "failing"]);
  const [start, inner, outer] = events as [Event, Event, Event];
  for (const { ph } of events) expect(ph).toBe("X");
  expect(start.ts).toBe(0);
  expect(outer.ts).toBeCloseTo(start.dur, 0);
  expect(inner.args).toEqual({ rows: 3 });
  expect(inner.dur).toBeGreaterThan(14_000);
  expect(inner.ts).toBeGreaterThanOrEqual(outer.ts);
  expect(inner.ts + inner.dur).toBeLessThanOrEqual(outer.ts + outer.dur);
});

it("is whole after each span, and a file of each process where the name says so", async () => {
  const folder = await temporaryFolder();
  process.env.ROME_TRACE = join(folder, "trace-%p.json");
  const names = () =>
    JSON.parse(readFileSync(join(folder, `trace-${process.pid}.json`), "utf8")).map(({ name }: Event) => name);
  await span("first", async () => 1);
  expect(names()).toEqual(["start of the process", "first"]);
  await span("second", async () => 1);
  expect(names()).toEqual(["start of the process", "first", "second"]);
});

it("does the work alone where nobody asks for it, and says which file cannot be written", async () => {
  expect(await span("quiet", async () => 1)).toBe(1);
  process.env.ROME_TRACE = join(await temporaryFolder(), "missing", "trace.json");
  await expect(span("lost", async () => 1)).rejects.toMatchObject({ reason: "disk" });
});
