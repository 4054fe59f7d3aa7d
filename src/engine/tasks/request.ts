import type { FlipOptions } from "../../protocol/engine.ts";
import type { Concept } from "../concept/concept.ts";
import { readExperimentNames } from "../concept/names.ts";
import type { ExamineOptions } from "../edits/examine.ts";
import { Random } from "../numerics/random.ts";
import { fill } from "../rome/prompt.ts";
import { RomeError } from "../run/errors.ts";
import type { Engine } from "./engine.ts";

/** Longest name that is taken. */
const longestName = 200;

/** Names drawn from a file. */
export interface Sample {
  /** CSV of names and labels; left out: the concept's own. */
  readonly file?: string;
  readonly count: number;
  /** Of the draw; the same seed gives the same names. */
  readonly seed: number;
}

/** Which names a task is about: given ones, or a sample. */
export interface NameChoice {
  readonly names?: readonly string[];
  readonly sample?: Sample;
}

/** Names as given, trimmed; `input` error for an empty or overlong one. */
export function checkNames(names: readonly string[]): string[] {
  return names.map((name) => {
    const trimmed = name.trim();
    if (trimmed === "") throw new RomeError("input", "A name is empty.");
    if (trimmed.length > longestName)
      throw new RomeError(
        "input",
        `${trimmed.slice(0, 20)}… is too long for a name (${longestName} characters at most).`,
      );
    if (trimmed.includes("{}")) throw new RomeError("input", "A name cannot contain {}.");
    return trimmed;
  });
}

/** The names given, or a sample of the file's in a seeded order; `input` error for a bad name, or for none. */
export async function chooseNames({ names = [], sample }: NameChoice, concept: Concept): Promise<string[]> {
  if (names.length > 0) return checkNames(names);
  if (!sample) throw new RomeError("input", "Name at least one name.");
  const { recorded } = await readExperimentNames(concept, sample.seed, { file: sample.file });
  return new Random(sample.seed, "sample of names")
    .shuffled(recorded)
    .slice(0, sample.count)
    .map(({ name }) => name);
}

/** The names of the concept's recording, to take neighbours from. */
export async function recordedNames(concept: Concept, seed: number): Promise<string[]> {
  return (await readExperimentNames(concept, seed)).recorded.map(({ name }) => name);
}

/** What a request is about: the engine's concept, or one with the request's own prompt and targets. */
export function conceptOf(engine: Engine, { template, targets }: Pick<FlipOptions, "template" | "targets">): Concept {
  const { concept } = engine;
  if (template === undefined && targets === undefined) return concept;
  const prompt = template ?? concept.prompt;
  fill(prompt, "");
  const [first, second] = targets ?? concept.targets;
  return { ...concept, name: "own prompt", prompt, targets: [first, second] };
}

/** The options of a request as ROME takes them. */
export function editOptionsOf(options: FlipOptions): ExamineOptions {
  const { layer, hyperParameters, contexts, covariance, key, limits, keepBad } = options;
  return {
    hyperParameters: { ...hyperParameters, ...(layer === undefined ? {} : { layers: [layer] }) },
    contexts,
    covariance,
    key,
    limits,
    keepBad,
  };
}
