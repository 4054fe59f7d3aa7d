import { expect, it } from "vitest";
import { describeFailure, RomeError } from "../../src/protocol/errors.ts";

it("a remedy is what follows the first sentence; what is quoted ends none", () => {
  const remedyOf = (message: string) => describeFailure(new RomeError("data", message)).remedy;
  expect(remedyOf("There is no data. Record one with: rome record.")).toBe("Record one with: rome record.");
  expect(remedyOf('m does not know what "Name: {}. Gender:" asks for. It is right on 50 %. Skip it.')).toBe(
    "It is right on 50 %. Skip it.",
  );
  expect(remedyOf('"He said: \\"A. B\\"" is too long. Shorten it.')).toBe("Shorten it.");
  expect(remedyOf('The name "A. B" is empty.')).toBeNull();
  expect(remedyOf('A 12" ruler is too long. Take another.')).toBe("Take another.");
});
