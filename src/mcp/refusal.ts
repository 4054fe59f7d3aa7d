import * as v from "valibot";
import { RomeError } from "../protocol/errors.ts";

/** What an agent is told; anything that is not ours to explain says what it is, never its stack. */
export function refusal(error: unknown): string {
  if (error instanceof v.ValiError) return misfit(error.issues);
  if (RomeError.is(error)) return error.message;
  return `The tool failed: ${error instanceof Error ? error.message : String(error)}`;
}

/** Arguments that are missing, unknown or of another type, a sentence each; without any, what is out of its range. */
function misfit(issues: readonly [v.BaseIssue<unknown>, ...v.BaseIssue<unknown>[]]): string {
  const sentences = issues.filter(({ kind }) => kind === "schema").map(sentence);
  return sentences.length > 0 ? sentences.join(" ") : `These parameters cannot be used. ${v.summarize([...issues])}`;
}

/** One argument that is missing, unknown or of another type. */
function sentence(issue: v.BaseIssue<unknown>): string {
  const { expected, received, input, message } = issue;
  if (expected === "never") return message;
  const argument = `The argument ${v.getDotPath(issue)}`;
  return input === undefined
    ? `${argument} is missing.`
    : `${argument} takes ${kinds(expected ?? "")}, not ${words[received] ?? received}.`;
}

/** Valibot's names of types as an agent reads them. */
const words: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  boolean: "true or false",
  Array: "a list",
  Object: "fields",
};

/** What valibot expects, `(number | "none")`, in words: a number or "none". */
function kinds(expected: string): string {
  const of = expected
    .replace(/^\(|\)$/g, "")
    .split(" | ")
    .map((kind) => words[kind] ?? kind);
  return of.join(", ").replace(/, (?=[^,]*$)/, " or ");
}
