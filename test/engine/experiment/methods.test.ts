import { describe, expect, it } from "vitest";
import { report } from "../../../src/engine/tasks/report.ts";
import { RomeError } from "../../../src/protocol/errors.ts";

describe("methods paragraph", () => {
  it("says of the shipped data set what its files say", async () => {
    const { methods, report: found } = await report("models/embedded/experiment");
    expect(methods).toContain('after the prompt "Name: {}. Gender:"');
    expect(methods).toContain("MLP of layer 2");
    expect(methods).toContain("21 prefix contexts");
    expect(methods).toContain(`trained on ${found.split.train} of the Δv and tested on ${found.split.test}`);
    expect(methods).toContain(`at scale ${found.vector.scale}`);
    expect(methods).not.toMatch(/undefined|NaN|null/);
  });

  it("needs a data set", async () => {
    await expect(report("src")).rejects.toSatisfy((error) => RomeError.is(error, "data"));
  });
});
