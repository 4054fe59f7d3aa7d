import { basename, dirname, resolve } from "node:path";
import * as v from "valibot";
import { type Concept, conceptFile, inOwnWords, type OwnWords, concept as schema } from "../../protocol/concept.ts";
import type { Problem } from "../../protocol/engine.ts";
import { RomeError } from "../../protocol/errors.ts";
import { issueText } from "../../text/schemaIssue.ts";
import { readText } from "../files/readText.ts";

/** The two labels; the concept's vector points from the first to the second. */
export function labelsOf(concept: Concept): [string, string] {
  return [concept.targets[0].label, concept.targets[1].label];
}

/** The concept of a caller's own words, checked; RomeError "input" for a prompt or targets that are none. */
export function ownConcept(given: Concept, words: OwnWords): Concept {
  const own = inOwnWords(given, words);
  if (own === given) return given;
  const result = v.safeParse(schema, own);
  if (result.success) return result.output;
  throw new RomeError("input", `This prompt cannot be used. ${result.issues.map(sentence).join("; ")}.`);
}

/** Reads a concept file, or its given text; RomeError "input" that names the line or the field where it is wrong. */
export async function readConcept(file: string, given?: string): Promise<Concept> {
  const read = () =>
    readText(file).catch((error: NodeJS.ErrnoException) => {
      throw new RomeError("input", `The concept file ${file} cannot be read (${error.code}).`, { cause: error });
    });
  const concept = parseConcept(given ?? (await read()), basename(file));
  const beside = (path: string) => resolve(dirname(file), path);
  /** The fields that are there and name a file, its path absolute. */
  const placed = <T extends object>(part: T, ...fields: (keyof T)[]): T => {
    const paths = fields.flatMap((field) => (part[field] ? [[field, beside(part[field] as string)]] : []));
    return { ...part, ...Object.fromEntries(paths) };
  };
  const { names, referee } = concept;
  return {
    ...concept,
    ...(names && { names: placed(names, "file", "newNames") }),
    ...(referee && { referee: placed(referee, "otherLanguages", "ownedByNeither") }),
  };
}

/** The same for a text; `source` is what the errors call it. */
export function parseConcept(text: string, source: string): Concept {
  const { concept, isJson, problems } = checkConcept(text);
  if (concept) return concept;
  throw new RomeError(
    "input",
    isJson
      ? `${source} is not a concept file. ${problems.map(({ message }) => message).join("; ")}.`
      : `${source}, line ${problems[0]?.line}: ${problems[0]?.message}.`,
  );
}

/** The concept of a text, or what is wrong with it. */
export function checkConcept(text: string): { concept?: Concept; isJson: boolean; problems: Problem[] } {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    const line = errorLine(text, error instanceof Error ? error.message : "");
    const message = "this is not valid JSON. Check for a missing quote, comma or bracket";
    return { isJson: false, problems: [{ line, message }] };
  }
  const result = v.safeParse(conceptFile, value);
  if (result.success) return { concept: result.output, isJson: true, problems: [] };
  const problems = result.issues.map((issue) => ({ line: fieldLine(text, issue), message: sentence(issue) }));
  return { isJson: true, problems };
}

/** What is wrong, with the field it is wrong in. */
function sentence(issue: v.BaseIssue<unknown>): string {
  const field = v.getDotPath(issue);
  const what = issue.type === "strict_object" ? unknownOrMissing(issue) : issueText(issue);
  return field ? `${field}: ${what}` : what;
}

/** Line of the field that an issue is about, by its name; the first line for one that is not there. */
function fieldLine(text: string, { path }: v.BaseIssue<unknown>): number {
  const name = path?.findLast(({ key }) => typeof key === "string")?.key;
  const at = text.indexOf(`"${String(name)}"`);
  return at < 0 ? 1 : text.slice(0, at).split("\n").length;
}

function unknownOrMissing({ expected, received }: v.BaseIssue<unknown>): string {
  return expected === "never"
    ? "is no field of a concept file"
    : received === "undefined"
      ? "is missing"
      : `is ${received}`;
}

/** Line of a JSON syntax error, from V8's message; an unexpected end lies on the last line that says anything. */
function errorLine(text: string, message: string): number {
  const position = Number(/position (\d+)/.exec(message)?.[1] ?? text.length);
  const before = text.slice(position).trim() === "" ? text.trimEnd() : text.slice(0, position);
  return before.split("\n").length;
}
