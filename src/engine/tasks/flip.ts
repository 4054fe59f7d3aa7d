import type { FlipOptions } from "../../protocol/editOptions.ts";
import type { FlipResult } from "../../protocol/results.ts";
import type { Run } from "../../protocol/run.ts";
import { flip as flipNames } from "../edits/flip.ts";
import { aimed } from "./aim.ts";
import { type Engine, isAbout } from "./engine.ts";
import { paced, planEdits } from "./pace.ts";
import { checkNames, editOptionsOf } from "./request.ts";

/** Makes the model give each name, once, the label that it does not give it now; all names are solved together. */
export async function flip(
  engine: Engine,
  { names, concept: given = engine.concept, ...options }: FlipOptions & { readonly names: readonly string[] },
  run: Run,
): Promise<FlipResult[]> {
  const { rome, name, experiment } = await engine.open();
  const basis = editOptionsOf(options);
  const [layer] = rome.parameters(basis.hyperParameters).layers;
  // A classifier has learned of one concept at one layer, and its score says nothing of other edits.
  const isScored = experiment && experiment.manifest.layer === layer && isAbout(experiment.manifest, given);
  const scorer = isScored ? experiment.scorer : undefined;
  const settings = { ...basis, maxTokens: options.maxTokens, scorer };
  const subjects = [...new Set(checkNames(engine, given, names))];
  const concept = await aimed(engine, given, options.forms, run);
  const targets = concept.targets.map(({ text }) => text);
  const extents = subjects.map((subject) => ({ template: concept.prompt, subject, targets }));
  const plan = await planEdits(rome, extents, settings, { completions: 2 }, run);
  const flipped = await flipNames(rome, subjects, concept, settings, paced(plan, run));
  const model = { name, fingerprint: rome.model.checkpoint.fingerprint };
  return flipped.map(({ view, saved }) => ({ view: { model, ...view }, saved }));
}
