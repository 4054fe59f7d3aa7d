import * as v from "valibot";
import { RomeError } from "../../protocol/errors.ts";
import { issueText } from "../../text/schemaIssue.ts";

/** A whole number of at least one, as sizes in a config.json are; tables are made of as many entries. */
export const count = v.pipe(
  v.number(),
  v.integer(),
  v.minValue(1),
  v.maxValue(2 ** 24, "is larger than any model has"),
);

/** ε of a norm. */
export const epsilon = v.pipe(v.number(), v.gtValue(0));

/** RomeError ("architecture") unless the width divides into heads, each of a multiple of `multiple` components. */
export function checkHeads(widthField: string, width: number, headsField: string, heads: number, multiple = 1): void {
  if (width % (heads * multiple) === 0) return;
  throw new RomeError(
    "architecture",
    `config.json: ${widthField} ${width} does not divide into ${headsField} ${heads}.`,
  );
}

/** Reads the fields a family needs from config.json; the error names each field that is missing or differs. */
export function readConfig<T extends v.GenericSchema>(schema: T, config: Record<string, unknown>): v.InferOutput<T> {
  const result = v.safeParse(schema, config);
  if (result.success) return result.output;
  const problems = result.issues.map((issue) => `${v.getDotPath(issue) ?? "config"}: ${issueText(issue)}`);
  throw new RomeError("architecture", `This config.json is not one that can be run exactly. ${problems.join("; ")}.`);
}
