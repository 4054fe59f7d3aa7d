/** Rows that hold several texts: each is seen by itself. */
import { expect, it } from "vitest";
import { maskAndPositions, packRows } from "../../../src/engine/model/cache.ts";

const size = { keyHeads: 2, headSize: 1 } as Parameters<typeof packRows>[0];

it("texts that share a row keep their keys, see no other text, and count positions from their own beginning", () => {
  // Three rows of four slots: one token, two, three; keys 10 · row + slot, the second head's negative.
  const valid = Uint8Array.of(0, 0, 0, 1, 0, 0, 1, 1, 0, 1, 1, 1);
  const keys = Float32Array.from({ length: 24 }, (_, i) => {
    const [row, head, slot] = [Math.floor(i / 8), Math.floor(i / 4) % 2, i % 4];
    return (head === 0 ? 1 : -1) * (10 * row + slot);
  });
  const arrays = new Map([[0, keys]]);
  const packed = packRows(size, { rows: 3, length: 4, valid, keys: arrays, values: arrays }, [[0, 1], [2]]);
  expect([...packed.valid]).toEqual([1, 2, 2, 0, 0, 1, 1, 1]);
  expect([...(packed.keys.get(0) as Float32Array)].map((x) => x + 0)).toEqual([
    ...[3, 12, 13, 0, -3, -12, -13, 0],
    ...[20, 21, 22, 23, -20, -21, -22, -23],
  ]);

  const { mask, positions } = maskAndPositions(packed, Uint8Array.of(1, 2, 1, 1), 2);
  expect([...positions]).toEqual([1, 2, 3, 4]);
  const seen = Array.from({ length: 4 }, (_, query) =>
    [...mask.subarray(query * 6, (query + 1) * 6)].flatMap((value, slot) => (value === 0 ? [slot] : [])),
  );
  expect(seen).toEqual([
    [0, 4],
    [1, 2, 5],
    [1, 2, 3, 4],
    [1, 2, 3, 4, 5],
  ]);
});
