import { readFile } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import * as v from "valibot";
import type { Problem } from "../../protocol/engine.ts";
import { RomeError } from "../run/errors.ts";

const nonEmpty = v.pipe(
  v.string("a text is needed"),
  v.check((text) => text.trim().length > 0, "is empty"),
);

const target = v.strictObject({
  /** The word of the names file and of the report. */
  label: nonEmpty,
  /** What the model is made to say after the prompt. */
  text: v.pipe(
    v.string("a text is needed"),
    v.regex(/^ \S/u, 'starts with exactly one space, because the prompt ends without one (" female")'),
  ),
});

const names = v.pipe(
  v.strictObject({
    /** CSV of the names to record, relative to the experiment file. */
    file: nonEmpty,
    /** Column that holds the label. */
    column: v.optional(nonEmpty, "label"),
    /** CSV of the names to try the vector on… */
    newNames: v.optional(nonEmpty),
    /** …or the share of `file` that is kept out of the recording for that. */
    holdOut: v.optional(
      v.pipe(
        v.number("a number is needed"),
        v.gtValue(0, "lies between 0 and 1"),
        v.ltValue(1, "lies between 0 and 1"),
      ),
    ),
    /** Further labels of the files: names that are never recorded, to see whether the vector leaves them alone. */
    otherLabels: v.optional(v.array(nonEmpty), []),
  }),
  v.check(
    ({ newNames, holdOut }) => newNames === undefined || holdOut === undefined,
    "newNames and holdOut exclude each other",
  ),
);

/** An experiment file: everything that makes an experiment one about gender, or about something else. */
export const conceptFile = v.pipe(
  v.strictObject({
    name: nonEmpty,
    /** What the vector is called ("gender"). */
    vector: nonEmpty,
    prompt: v.pipe(
      v.string("a text is needed"),
      v.check((text) => text.split("{}").length === 2, "holds {} exactly once, where the name goes"),
      v.check((text) => text === text.trimEnd(), "ends without a space: the targets begin with it"),
    ),
    targets: v.strictTuple([target, target], "two targets are needed"),
    names: v.optional(names),
  }),
  v.check(({ targets: [a, b] }) => a.label !== b.label, "the two targets have the same label"),
  v.check(({ targets: [a, b] }) => a.text !== b.text, "the two targets have the same text"),
  v.check(
    ({ targets, names }) => !targets.some(({ label }) => names?.otherLabels.includes(label)),
    "names.otherLabels repeats the label of a target",
  ),
);

/** The experiment, with the paths of its names files as the file gives them (`parseConcept`) or absolute (`readConcept`). */
export type Concept = v.InferOutput<typeof conceptFile>;

/** The two labels; the concept's vector points from the first to the second. */
export function labelsOf(concept: Concept): [string, string] {
  return [concept.targets[0].label, concept.targets[1].label];
}

/** Reads an experiment file; RomeError "input" that names the line or the field where it is wrong. */
export async function readConcept(file: string): Promise<Concept> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new RomeError("input", `The experiment file ${file} cannot be read (${error.code}).`, { cause: error });
  });
  const concept = parseConcept(text, basename(file));
  if (!concept.names) return concept;
  const beside = (path: string) => resolve(dirname(file), path);
  const { file: recorded, newNames, ...rest } = concept.names;
  return { ...concept, names: { ...rest, file: beside(recorded), ...(newNames && { newNames: beside(newNames) }) } };
}

/** The same for a text; `source` is what the errors call it. */
export function parseConcept(text: string, source: string): Concept {
  const { concept, isJson, problems } = checkConcept(text);
  if (concept) return concept;
  throw new RomeError(
    "input",
    isJson
      ? `${source} is not an experiment file. ${problems.map(({ message }) => message).join("; ")}.`
      : `${source}, line ${problems[0]?.line}: ${problems[0]?.message}.`,
  );
}

/** The experiment of a text, or what is wrong with it. */
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
  const problems = result.issues.map((issue) => {
    const field = v.getDotPath(issue);
    const what = issue.type === "strict_object" ? unknownOrMissing(issue) : issue.message;
    return { line: fieldLine(text, issue), message: field ? `${field}: ${what}` : what };
  });
  return { isJson: true, problems };
}

/** Line of the field that an issue is about, by its name; the first line for one that is not there. */
function fieldLine(text: string, { path }: v.BaseIssue<unknown>): number {
  const name = path?.findLast(({ key }) => typeof key === "string")?.key;
  const at = text.indexOf(`"${String(name)}"`);
  return at < 0 ? 1 : text.slice(0, at).split("\n").length;
}

function unknownOrMissing({ expected, received }: v.BaseIssue<unknown>): string {
  return expected === "never"
    ? "is no field of an experiment file"
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
