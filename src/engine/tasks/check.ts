import type { Params, Problem } from "../../protocol/engine.ts";
import { checkConcept } from "../concept/concept.ts";
import { namesFormat, readNames } from "../concept/names.ts";
import type { Engine } from "./engine.ts";

/** What is wrong in the text of a names file or of a concept file, by line. */
export async function check({ concept }: Engine, { kind, text }: Params<"check">): Promise<Problem[]> {
  return kind === "names" ? readNames(text, namesFormat(concept)).problems : checkConcept(text).problems;
}
