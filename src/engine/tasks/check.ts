import type { Params, Problem } from "../../protocol/engine.ts";
import { isName } from "../../protocol/name.ts";
import { checkConcept } from "../concept/concept.ts";
import { namesFormat, readNames } from "../concept/names.ts";
import type { Engine } from "./engine.ts";

/** What is wrong in the text of a names file or of a concept file, by line. A name is what a flip takes for one, too. */
export async function check({ concept }: Engine, { kind, text }: Params<"check">): Promise<Problem[]> {
  if (kind === "experiment") return checkConcept(text).problems;
  const { rows, problems } = readNames(text, namesFormat(concept));
  const told = new Set(problems.map(({ line }) => line));
  const others = rows
    .filter(({ name, line }) => !told.has(line) && !isName(name))
    .map(({ name, line }) => ({
      line,
      message: `${JSON.stringify(name)} is not a name: letters, spaces, apostrophes, hyphens and dots are, 60 at most`,
    }));
  return [...problems, ...others].sort((a, b) => a.line - b.line);
}
