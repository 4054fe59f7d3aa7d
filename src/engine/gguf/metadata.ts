import * as v from "valibot";
import { RomeError } from "../../protocol/errors.ts";
import { issueText } from "../../text/schemaIssue.ts";
import { shorten } from "../checkpoint/sourceFile.ts";

/** A whole number of at least one; 64-bit ones are read as bigint. */
export const count = v.pipe(v.union([v.number(), v.bigint()]), v.transform(Number), v.safeInteger(), v.minValue(1));

/** An id of a token. */
export const tokenId = v.pipe(v.union([v.number(), v.bigint()]), v.transform(Number), v.safeInteger(), v.minValue(0));

/** A number that is stored as float32, as it was written in decimals: 1e-6, not 9.999999974752427e-7. */
export const decimal = v.pipe(
  v.number(),
  v.finite(),
  v.gtValue(0),
  v.transform((value) => Number(value.toPrecision(7))),
);

/**
 * Reads the entries whose keys begin with `prefix`, which the schema's keys go without.
 *
 * @throws RomeError ("architecture" or "tokenizer") that names the entry which is missing or differs
 */
export function readEntries<T extends v.GenericSchema>(
  metadata: ReadonlyMap<string, unknown>,
  prefix: string,
  reason: "architecture" | "tokenizer",
  schema: T,
): v.InferOutput<T> {
  const entries = [...metadata].filter(([key]) => key.startsWith(prefix));
  const named = Object.fromEntries(entries.map(([key, value]) => [key.slice(prefix.length), value]));
  const result = v.safeParse(schema, named, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const what = issue.received === "undefined" ? "is missing" : `cannot be used (${shorten(issueText(issue), 200)})`;
  const key = shorten(`${prefix}${v.getDotPath(issue) ?? ""}`);
  throw new RomeError(reason, `The GGUF's entry "${key}" ${what}. Take another copy of the model.`);
}
