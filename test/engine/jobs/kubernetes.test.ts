/** The manifest of the docs against Kubernetes' published schema. No cluster has run it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Job } from "kubernetes-models/batch/v1/Job";
import { expect, it } from "vitest";
import { parse } from "yaml";

const read = () => parse(readFileSync(join(import.meta.dirname, "../../../docs/jobs/kubernetes.yaml"), "utf8"));

it("is an Indexed Job by the schema, with the script that rome writes", () => {
  const manifest = read();
  expect(() => new Job(manifest).validate()).not.toThrow();
  expect(manifest.spec.completionMode).toBe("Indexed");
  expect(manifest.spec.template.spec.containers[0].command.at(-1)).toMatch(/\/jobs\/shard\.sh$/);
});

it("would not pass with a slip of the pen", () => {
  const manifest = read();
  expect(() => new Job({ ...manifest, spec: { ...manifest.spec, completions: "eight" } }).validate()).toThrow();
  const { template: _, ...rest } = manifest.spec;
  expect(() => new Job({ ...manifest, spec: rest }).validate()).toThrow();
});
