/** What is proposed for download, and what it says of its cost. */
import { expect, it } from "vitest";
import { catalogue, costOf, largeDownload, sizeOf } from "../../src/extension/models/catalogue.ts";
import { flipSeconds } from "../../src/extension/models/flipTime.ts";

it("begins with small models; a large one is asked about and says where memory is short", () => {
  const [first, ...rest] = catalogue();
  const last = rest.at(-1);
  if (!first || !last) throw new Error("empty");
  expect(sizeOf(first)).toBeLessThan(1e9);
  expect(sizeOf(last)).toBeGreaterThan(largeDownload);
  expect(costOf(last, 8e9, undefined)).toBe("12.1 GB on disk · 18.6 GB of memory, 8.0 GB free: slow");
  expect(costOf(first, 8e9, undefined)).toBe("496.0 MB on disk · 1.1 GB of memory");
});

it("tells how long a flip takes here, as an estimate, in a line that the editor's list shows whole", () => {
  const [first] = catalogue();
  const last = catalogue().at(-1);
  if (!first || !last) throw new Error("empty");
  // As measured on the machine of docs/gpt-j.md, where a whole edit took 187 s.
  const speed = { operationsPerSecond: 433e9, bytesPerSecond: 55.3e9 };
  expect(flipSeconds(last.parameters, speed) / 187).toBeGreaterThan(0.75);
  expect(flipSeconds(last.parameters, speed) / 187).toBeLessThan(1.5);
  expect(costOf(last, 40e9, speed)).toMatch(/ · a flip: about 4 min$/);
  expect(costOf(first, 40e9, speed)).toMatch(/ · a flip: about 5 s$/);
  // The list is at most 600 pixels wide.
  for (const entry of catalogue()) expect(costOf(entry, 8e9, speed).length).toBeLessThanOrEqual(80);
});
