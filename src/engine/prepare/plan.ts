import type { Concept } from "../../protocol/concept.ts";
import type { PreparationPlan, Step } from "../../protocol/preparation.ts";
import { steps } from "../../protocol/preparation.ts";
import type { Run } from "../../protocol/run.ts";
import { contextCount } from "../rome/hyperParameters.ts";
import { ask } from "../rome/outcomes.ts";
import { fill } from "../rome/prompt.ts";
import { fewerContexts } from "./contexts.ts";
import { momentBytes, textToCount } from "./covariance.ts";
import { doneSteps } from "./kept.ts";
import { askedOfEach } from "./known.ts";
import { coarseLayers, coarseNames, fineNames, layersAround } from "./layers.ts";
import type { PrepareOptions } from "./prepare.ts";
import type { Scene } from "./scene.ts";
import { tracedNames, tracedSamples } from "./traced.ts";
import { mostTuned } from "./tune.ts";

/** Names of the first batch, by which time is measured. */
const measured = 8;
/** Stand-ins for sampled contexts. */
const contexts = ["{}", "The weather is. {}", "The train to the coast leaves at ten. {}"];
/** Evaluations that most solves end within. */
const usualEvaluations = 15;
/** Sequences that a trial asks of each name, before and after, its unrelated prompts among them. */
const askedOfTried = 26;
const tokensPerComponent = 10;

/** @param text what the covariance is counted over */
const what = (text: string): Readonly<Record<Step, string>> => ({
  known: `asks ${2 * askedOfEach} names which label the model gives them`,
  forms: `finds in which form the model writes each label`,
  contexts: "samples the prefix contexts that edits rest on",
  layers: `traces ${tracedNames} names; edits ${coarseNames} names at layers far apart, then ${fineNames} around the best`,
  covariance: `counts the second moment of the layer's keys over ${text}`,
  tune: `edits ${fineNames} names with up to ${mostTuned} choices of the optimiser's numbers, then with all contexts and with fewer`,
});

/** Seconds of reading one token, and of one evaluation of one name with few contexts through the whole model. */
interface Pace {
  readonly token: number;
  readonly evaluation: number;
  /** Tokens of a prompt. */
  readonly tokens: number;
}

/** What preparing a model takes, judged by a first batch of names: none is read where nothing is left to do. */
export async function planPreparation(
  scene: Scene,
  { skip, storage }: Pick<PrepareOptions, "skip" | "storage">,
  run: Run,
): Promise<PreparationPlan> {
  const { rome, name, concept, kept, replaces } = scene;
  const done = doneSteps(kept.findings);
  const open = steps.filter((step) => !skip.includes(step) && !done.includes(step));
  const pace = open.length > 0 ? await measurePace(scene, concept, run) : { token: 0, evaluation: 0, tokens: 0 };
  const cost = costs(scene, pace);
  const words = what(open.includes("covariance") ? await textToCount(scene, storage) : "a text");
  const planned = steps.map((step) => {
    const isOpen = open.includes(step);
    return {
      step,
      state: skip.includes(step) ? ("skipped" as const) : isOpen ? ("to do" as const) : ("done" as const),
      what: words[step],
      seconds: isOpen ? cost[step] : 0,
      bytes: isOpen && step === "covariance" ? momentBytes(rome.model.size.inner) : 0,
    };
  });
  return {
    model: name,
    concept: concept.name,
    steps: planned,
    seconds: planned.reduce((sum, { seconds }) => sum + seconds, 0),
    bytes: planned.reduce((sum, { bytes }) => sum + bytes, 0),
    replaces,
  };
}

async function measurePace({ rome, base, names }: Scene, concept: Concept, run: Run): Promise<Pace> {
  const { model } = rome;
  const prompts = names.slice(0, measured).map(({ name }) => fill(concept.prompt, name));
  const tokens = prompts.reduce((sum, prompt) => sum + model.tokenizer.encode(prompt).length, 0);
  const read = () =>
    ask(
      model,
      prompts.map((prompt) => ({ prompt })),
      concept.targets,
      { maxTokens: 0 },
      run,
    );
  run.progress({ phase: "plan", done: 0, total: 4 });
  await read();
  run.progress({ phase: "plan", done: 1, total: 4 });
  const token = (await timed(read)) / tokens;
  const [first, second] = names;
  const requests = [first, second].flatMap((row) =>
    row ? [{ subject: row.name, template: concept.prompt, target: concept.targets[0].text }] : [],
  );
  const solve = (count: number) => {
    const hyperParameters = { ...base, v_num_grad_steps: count };
    return timed(() => rome.edit(requests, { hyperParameters, contexts, covariance: "none" }, run));
  };
  run.progress({ phase: "plan", done: 2, total: 4 });
  await solve(1);
  run.progress({ phase: "plan", done: 3, total: 4 });
  const [one, three] = [await solve(1), await solve(3)];
  const evaluation = Math.max(0, three - one) / 2 / requests.length;
  return { token, evaluation, tokens: tokens / prompts.length };
}

function costs({ rome, base }: Scene, { token, evaluation, tokens }: Pace): Record<Step, number> {
  const { layers, inner: m } = rome.model.size;
  const layer = base.layers[0] as number;
  const above = (at: number) => (layers - at) / (layers - layer);
  const tried = (at: number) => usualEvaluations * evaluation * above(at) + askedOfTried * tokens * token;
  const sampled = base.context_template_length_params.reduce((sum, [length, count]) => sum + length * count, 0);
  const all = contextCount(base);
  // An evaluation reads a text a context and the one that holds the essence (the KL row).
  const texts = [all, ...fewerContexts(all)].reduce((sum, count) => sum + (count + 1) / (contexts.length + 1), 0);
  // Restorations of hidden state, MLP and attention, at each token from the name on, from half of the layers on average.
  const traced = (tracedNames * tracedSamples * 3 * layers * tokens ** 2 * token) / 4;
  const coarse = coarseLayers * coarseNames * tried(layers / 2);
  const fine = layersAround(layer, layers).length * fineNames * tried(layer);
  const counted = tokensPerComponent * m;
  // The product k kᵀ, m² a token, beside what a token of the whole model takes.
  const product = m ** 2 / weights(rome);
  return {
    known: 2 * askedOfEach * tokens * token,
    forms: 2 * askedOfEach * tokens * token,
    contexts: 2 * sampled * token,
    layers: traced + coarse + fine,
    covariance: counted * token * ((layer + 1) / layers + product),
    tune: (mostTuned + texts) * fineNames * tried(layer),
  };
}

function weights({ model }: Scene["rome"]): number {
  const sizes = [...model.checkpoint.weights.values()].map(({ shape }) => shape.reduce((a, b) => a * b, 1));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}
