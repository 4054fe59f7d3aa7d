import * as v from "valibot";
import type { Memento } from "vscode";

/** What an earlier window kept under a key; undefined where it kept nothing, or nothing that is understood any more. */
export function stored<T>(memento: Memento, key: string, schema: v.GenericSchema<unknown, T>): T | undefined {
  const result = v.safeParse(schema, memento.get(key));
  return result.success ? result.output : undefined;
}
