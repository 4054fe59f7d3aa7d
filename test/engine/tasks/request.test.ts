/** What a request is about, checked before anything is computed. */
import { expect, it } from "vitest";
import type { Engine } from "../../../src/engine/tasks/engine.ts";
import { checkNames } from "../../../src/engine/tasks/request.ts";
import { gender } from "../../support/labRequest.ts";

it("the engine's concept is about names, a prompt of the caller's own about any subject", () => {
  const engine = { concept: gender } as Engine;
  expect(checkNames(engine, gender, [" Ben ", "O’Neil"])).toEqual(["Ben", "O’Neil"]);
  const refusal = "Use letters, spaces, apostrophes, hyphens and dots, at most 60 characters.";
  expect(() => checkNames(engine, gender, ["Ben", "B3n"])).toThrow(`"B3n" is not a name. ${refusal}`);
  expect(checkNames(engine, { ...gender, prompt: "{} lies in" }, ["Area 51"])).toEqual(["Area 51"]);
});
