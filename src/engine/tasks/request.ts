import type { Concept, OwnWords } from "../../protocol/concept.ts";
import type { EditBasis, FlipOptions } from "../../protocol/editOptions.ts";
import { RomeError } from "../../protocol/errors.ts";
import { isName, notName, whatNamesAre } from "../../protocol/name.ts";
import { ownConcept } from "../concept/concept.ts";
import { type ExperimentNames, readExperimentNames } from "../concept/names.ts";
import type { ExamineOptions } from "../edits/examine.ts";
import { Random } from "../numerics/random.ts";
import { english } from "../referee/english.ts";
import type { Engine } from "./engine.ts";

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

/** A subject as given, trimmed; `input` error for an empty one. */
export function checkSubject(subject: string): string {
  const trimmed = subject.trim();
  if (trimmed === "") throw new RomeError("input", "A name is empty.");
  if (trimmed.includes("{}")) throw new RomeError("input", "A name cannot contain {}.");
  return trimmed;
}

/**
 * What a concept is asked about, trimmed: the engine's own of names, a caller's own prompt of any subject; `input` error
 * for what is none.
 */
export function checkNames(engine: Engine, concept: Concept, names: readonly string[]): string[] {
  const subjects = names.map(checkSubject);
  const wrong = concept === engine.concept ? subjects.find((name) => !isName(name)) : undefined;
  if (wrong === undefined) return subjects;
  throw new RomeError("input", [notName(wrong), whatNamesAre].map(english).join(" "));
}

/** The names given, or a sample of the file's in a seeded order; `input` error for a bad name, or for none. */
export async function chooseNames(
  engine: Engine,
  concept: Concept,
  { names = [], sample }: NameChoice,
): Promise<string[]> {
  if (names.length > 0) return checkNames(engine, concept, names);
  if (!sample) throw new RomeError("input", "Name at least one name.");
  const { recorded } = await namesOf(engine, concept, sample.seed, sample.file);
  return new Random(sample.seed, "sample of names")
    .shuffled(recorded)
    .slice(0, sample.count)
    .map(({ name }) => name);
}

/** The names of the concept's files, or of the engine's concept where this one has none: a prompt of the caller's own. */
export function namesOf(engine: Engine, concept: Concept, seed: number, file?: string): Promise<ExperimentNames> {
  return readExperimentNames(concept.names ? concept : engine.concept, seed, { file });
}

/** The names of the concept's recording, to take neighbours from. */
export async function recordedNames(engine: Engine, concept: Concept): Promise<string[]> {
  return (await namesOf(engine, concept, 0)).recorded.map(({ name }) => name);
}

/** The engine's concept in a caller's own words; `input` error for a prompt or targets that are none. */
export function conceptOf(engine: Engine, words: OwnWords): Concept {
  return ownConcept(engine.concept, words);
}

/** The options of a request as ROME takes them. */
export function editOptionsOf(options: EditBasis & Pick<FlipOptions, "limits" | "keepBad">): ExamineOptions {
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
