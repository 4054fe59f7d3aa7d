import { expect, test } from "vitest";
import { blockTypes } from "../../../src/engine/gguf/blockTypes.ts";
import { readFixture } from "../../support/fixtures.ts";

/** Made by test/reference/gguf_files.py: base64 of random blocks, and of the float32 numbers that Python makes of them. */
const fixture = readFixture<Record<string, { bytes: string; numbers: string }>>("gguf/blocks.json");

test("every type has its fixture", () => {
  expect(Object.keys(fixture).sort()).toEqual(Object.keys(blockTypes).sort());
});

test.each(Object.entries(fixture))("%s gives Python's numbers to the bit", (name, { bytes, numbers }) => {
  const type = blockTypes[name]!;
  const stored = Buffer.from(bytes, "base64");
  const unpacked = type.unpack(stored);
  expect(unpacked.length).toBe((stored.length / type.bytes) * type.elements);
  expect(Buffer.from(unpacked.buffer).toString("hex")).toBe(Buffer.from(numbers, "base64").toString("hex"));
});
