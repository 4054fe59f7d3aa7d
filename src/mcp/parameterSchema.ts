import { toJsonSchema } from "@valibot/to-json-schema";
import type * as v from "valibot";

/** JSON Schema of a tool's parameters, as agents read it. */
export function parameterSchema(params: v.GenericSchema): { type: "object"; [field: string]: unknown } {
  const { $schema: _, ...schema } = toJsonSchema(params, { errorMode: "ignore", typeMode: "input" });
  return { ...schema, type: "object" };
}
