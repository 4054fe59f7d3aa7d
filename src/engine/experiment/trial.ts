/** How long the trial of a vector on new names is going to take, before there is one. */
import type { Concept } from "../../protocol/concept.ts";
import { type Run, within } from "../../protocol/run.ts";
import type { ExperimentNames } from "../concept/names.ts";
import type { Rome } from "../rome/rome.ts";
import { type ApplyOptions, Subjects, wordTokens } from "./apply.ts";
import { halvesOf, randomSeeds, randomSeedsAtBest, usualScales } from "./experiment.ts";
import { randomSigns } from "./vector.ts";

/** Names that are measured on. */
const sampled = 32;

/**
 * The seconds that `sweepFolder` takes for these names, where no longer scale than the usual is tried: by a random vector,
 * written for some of them.
 */
export async function trialSeconds(
  rome: Rome,
  { fresh, others }: Pick<ExperimentNames, "fresh" | "others">,
  seed: number,
  concept: Concept,
  options: ApplyOptions,
  run: Run,
): Promise<number> {
  // What all edits rest on takes its time once.
  await rome.basis(options, run);
  const { choosing, judged } = halvesOf(fresh, seed);
  const direction = randomSigns(rome.model.size.width, 1);
  const part = within(run, () => ({ phase: "measure", done: 0, total: 0 }));
  const measure = async (names: readonly string[]) => {
    const begin = performance.now();
    const subjects = await Subjects.of(rome, names, concept, options, part);
    const made = performance.now();
    await subjects.ask(direction, 1, { ...options, maxTokens: wordTokens }, part);
    const seconds = (milliseconds: number) => milliseconds / 1000 / names.length;
    return { edit: seconds(made - begin), question: seconds(performance.now() - made) };
  };
  // The first name also pays for what the graphs run on.
  await measure(judged.slice(0, 1));
  const { edit, question } = await measure(judged.slice(0, sampled));
  const work = workOf(choosing.length, judged.length, others.length);
  return work.edits * edit + work.questions * question;
}

/** Edits that a trial makes ready, and questions it asks with them. */
function workOf(choosing: number, judged: number, others: number): { edits: number; questions: number } {
  // Both signs of a vector at a scale; the concept's and the mean difference are tried on others, too.
  const asked = (vectors: number, scales: number) => 2 * vectors * scales;
  const scales = usualScales.length;
  const more = randomSeedsAtBest - randomSeeds.length;
  return {
    // Judged: at every scale, at the best one, and with either sign for what failed.
    edits: choosing + 4 * judged + others,
    questions:
      choosing * asked(1, scales) +
      judged * (asked(2 + randomSeeds.length, scales) + asked(more, 1) + 4) +
      others * asked(2, scales),
  };
}
