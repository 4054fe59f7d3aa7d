import * as v from "valibot";
import { concept } from "../../src/protocol/concept.ts";
import type { LabRequest } from "../../src/protocol/labFlip.ts";

/** What the lab's form asks for as it opens. */
export const labRequest: LabRequest = {
  name: "Ben",
  template: "Name: {}. Gender:",
  targets: [
    { label: "female", text: " female" },
    { label: "male", text: " male" },
  ],
  layer: 2,
  hyperParameters: {},
  covariance: "auto",
  key: "rome",
  contexts: 21,
  maxTokens: null,
};

/** The concept that it is about. */
export const gender = v.parse(concept, {
  name: "gender",
  vector: "gender",
  prompt: labRequest.template,
  targets: labRequest.targets,
});
