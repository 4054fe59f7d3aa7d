import { describe, expect, test } from "vitest";
import { decodeNumbers, encodeNumbers } from "../../../src/engine/checkpoint/storedNumbers.ts";

/** Every finite number ≥ 0 of a 16-bit type, in order. */
const ladder = (type: "F16" | "BF16") => {
  const bits = Uint16Array.from({ length: type === "F16" ? 0x7c00 : 0x7f80 }, (_, i) => i);
  return decodeNumbers(new Uint8Array(bits.buffer), type);
};
const bitsOf = (values: Float32Array, type: "F16" | "BF16") =>
  new Uint16Array(encodeNumbers(values, type).buffer as ArrayBuffer);

describe.each(["F16", "BF16"] as const)("%s", (type) => {
  const steps = ladder(type);

  test("every number comes back, with its sign", () => {
    expect(bitsOf(steps, type).every((bits, i) => bits === i)).toBe(true);
    expect(
      bitsOf(
        steps.map((value) => -value),
        type,
      ).every((bits, i) => bits === (i | 0x8000)),
    ).toBe(true);
  });

  test("what lies between two goes to the nearer, the middle to the even one", () => {
    const middles = steps.subarray(1).map((value, i) => (value + (steps[i] as number)) / 2);
    const neighbour = (value: number, by: number) => {
      const bits = new Uint32Array(Float32Array.of(value).buffer);
      bits[0] = (bits[0] as number) + by;
      return new Float32Array(bits.buffer)[0] as number;
    };
    expect(bitsOf(middles, type).every((bits, i) => bits === i + (i % 2))).toBe(true);
    const above = middles.map((value) => neighbour(value, 1));
    expect(bitsOf(above, type).every((bits, i) => bits === i + 1)).toBe(true);
    const below = middles.map((value) => neighbour(value, -1));
    expect(bitsOf(below, type).every((bits, i) => bits === i)).toBe(true);
  });

  test("what it cannot hold becomes infinity, and what is no number stays none", () => {
    const beyond = type === "F16" ? 65520 : 3.4e38;
    const values = Float32Array.of(beyond, -beyond, Number.POSITIVE_INFINITY, Number.NaN);
    expect([...decodeNumbers(encodeNumbers(values, type), type)]).toEqual([
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      Number.POSITIVE_INFINITY,
      Number.NaN,
    ]);
    if (type === "F16") expect(bitsOf(Float32Array.of(65519.99), type)[0]).toBe(0x7bff);
  });
});
