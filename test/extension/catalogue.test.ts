/** What is proposed for download, and what it says of its cost. */
import { expect, it } from "vitest";
import { catalogue, costOf, largeDownload, sizeOf } from "../../src/extension/models/catalogue.ts";

it("begins with small models; a large one is asked about and says where memory is short", () => {
  const [first, ...rest] = catalogue();
  const last = rest.at(-1);
  if (!first || !last) throw new Error("empty");
  expect(sizeOf(first)).toBeLessThan(1e9);
  expect(sizeOf(last)).toBeGreaterThan(largeDownload);
  expect(costOf(last, 8e9)).toBe("about 12.1 GB on disk, 18.6 GB of memory (only 8.0 GB are free here: slow)");
  expect(costOf(first, 8e9)).toBe("about 496.0 MB on disk, 1.1 GB of memory (8.0 GB are free here)");
});
