import { expect, it } from "vitest";
import { editOptions } from "../../src/cli/editFlags.ts";

it("--form names a label and one of its written forms, spaces and all", () => {
  expect(editOptions({ form: ["male= Male", "female= F"] }).forms).toEqual({ male: " Male", female: " F" });
  expect(editOptions({}).forms).toBeUndefined();
  for (const wrong of ["male", "= Male", "male=", "male= "])
    expect(() => editOptions({ form: [wrong] })).toThrow("--form takes label=text");
  expect(() => editOptions({ form: ["male= Male", "female= F", "male= M"] })).toThrow(
    '--form is given twice for "male". An edit aims at one form.',
  );
});
