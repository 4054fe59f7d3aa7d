/** What the questions of "New Concept…" make: a concept file, and the names file beside it. */
import type { ConceptFields } from "../../protocol/concept.ts";
import { csv } from "../../text/csv.ts";

/** What the user answered. */
export interface NewConcept {
  labels: readonly [string, string];
  /** Prompt with one {} where the name goes. */
  prompt: string;
  /** The names, each with the answer it is to have. */
  names: readonly { name: string; label: string }[];
}

/** Two answers of a line: "London, Paris" or "London / Paris"; undefined for anything else. */
export function answersOf(text: string): [string, string] | undefined {
  const [first, second, ...rest] = text.split(/[,/;]|↔/).map((part) => part.trim());
  if (!first || !second || rest.length > 0) return undefined;
  return first.toLowerCase() === second.toLowerCase() ? undefined : [first, second];
}

/** Which answer a completion begins with; undefined for neither. */
export function answerIn(completion: string, labels: readonly string[]): string | undefined {
  return labels.find((label) => {
    const text = completion.trimStart();
    return text.startsWith(label) && !/^[\p{L}\p{N}]/u.test(text.slice(label.length));
  });
}

/** File name without its ending: "london-paris". */
export function slugOf(labels: readonly string[]): string {
  const words = labels.map((label) =>
    label
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]+/gu, "-")
      .replace(/^-|-$/g, ""),
  );
  return words.join("-") || "concept";
}

/** The text of the concept file; `namesFile` beside it. */
export function conceptText({ labels, prompt }: NewConcept, namesFile: string): string {
  const concept: ConceptFields = {
    name: labels.join(" and "),
    vector: slugOf(labels),
    prompt,
    targets: [target(labels[0]), target(labels[1])],
    names: { file: namesFile, column: "label", holdOut: 0.3 },
  };
  return `${JSON.stringify(concept, null, 2)}\n`;
}

/** The text of its names file. */
export function namesText({ names }: NewConcept): string {
  return csv(
    ["name", "label"],
    names.map(({ name, label }) => [name, label]),
  );
}

function target(label: string) {
  return { label, text: ` ${label}` };
}
