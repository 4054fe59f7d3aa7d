import * as v from "valibot";
import { RomeError } from "../errors.ts";

/** A whole number of at least one, as sizes in a config.json are. */
export const count = v.pipe(v.number(), v.integer(), v.minValue(1));

/** Reads the fields a family needs from config.json; the error names each field that is missing or differs. */
export function readConfig<T extends v.GenericSchema>(schema: T, config: Record<string, unknown>): v.InferOutput<T> {
  const result = v.safeParse(schema, config);
  if (result.success) return result.output;
  const problems = result.issues.map((issue) => `${v.getDotPath(issue) ?? "config"}: ${issue.message}`);
  throw new RomeError("architecture", `This config.json is not one that can be run exactly. ${problems.join("; ")}.`);
}
