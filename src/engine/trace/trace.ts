import type { Target } from "../../protocol/concept.ts";
import type { Progress } from "../../protocol/engine.ts";
import { RomeError, throwIfCancelled } from "../../protocol/errors.ts";
import { type Trace, usualWindow } from "../../protocol/measurements.ts";
import type { Run } from "../../protocol/run.ts";
import { requireWeight } from "../checkpoint/openCheckpoint.ts";
import { Pieces } from "../files/pieces.ts";
import { stepsOf } from "../files/shard.ts";
import { generate } from "../model/generate.ts";
import { argmax, overTokens } from "../model/logits.ts";
import type { Model } from "../model/model.ts";
import { requireRoom } from "../model/promptTokens.ts";
import { mean } from "../numerics/statistics.ts";
import { tellingTokens } from "../rome/labelProbabilities.ts";
import { locate } from "../rome/prompt.ts";
import type { Rome } from "../rome/rome.ts";
import { gaussianNoise, standardDeviation } from "./noise.ts";
import { averageGrid, placesOf } from "./places.ts";
import { type PromptTrace, promptTrace, tracePrompt } from "./tracePrompt.ts";

/** Noise of three standard deviations of the embeddings (the published choice). */
const noiseFactor = 3;

export interface TraceRequest {
  /** Prompt with one {} where the subject goes. */
  readonly template: string;
  readonly subjects: readonly string[];
  /** Continuation whose first token is followed; left out: what the model says of each subject. */
  readonly target?: string;
  /** Where the model says a form of one of these labels, all forms of the label are followed together. */
  readonly labels?: readonly Target[];
  /** Layers restored together for mlp and attention. Default: `usualWindow`. */
  readonly window?: number;
  /** Draws of the noise. Default 10. */
  readonly samples?: number;
  /** Of the noise; the same for every subject. Default 0. */
  readonly seed?: number;
  /** Folder that keeps the trace of each subject: what lies there is not traced again. */
  readonly keep?: string;
}

interface Prepared {
  readonly subject: string;
  readonly tokens: readonly number[];
  readonly start: number;
  readonly lookup: number;
  /** The first is the one that the target begins with. */
  readonly targets: readonly number[];
  readonly targetText: string;
}

/** What tracing begins with. */
interface Plan {
  readonly prepared: readonly Prepared[];
  /** Standard deviation of the noise. */
  readonly noise: number;
  readonly window: number;
  readonly samples: number;
  readonly seed: number;
  readonly pieces?: Pieces<PromptTrace>;
}

/** @throws RomeError "input" for a template without {}, an empty or overlong subject or target; "data", "disk" of `keep` */
export async function planTrace({ model }: Rome, request: TraceRequest, run: Run): Promise<Plan> {
  const { template, subjects, target, labels = [], keep } = request;
  const { width: d, vocabulary } = model.size;
  const numbers = numbersOf(model, request);
  const prepared: Prepared[] = [];
  for (const subject of subjects) prepared.push(await prepare(model, template, subject, { target, labels }, run));
  const embeddings = requireWeight(model.checkpoint, model.architecture.embeddingWeight, [vocabulary, d]);
  const scale = noiseFactor * (model.architecture.embeddingFactor ?? 1);
  const noise = scale * (await standardDeviation(embeddings, run));
  const plan = { prepared, noise, ...numbers };
  if (keep === undefined) return plan;
  const targets = prepared.map((prompt) => prompt.targets);
  const what = { what: "a trace", count: prepared.length, of: { ...keptOf(model, request), targets } };
  return { ...plan, pieces: await Pieces.open(keep, what, promptTrace) };
}

/**
 * Refuses what `planTrace` would, and runs nothing on the model; what it says of each subject is not compared.
 *
 * @throws as `planTrace`
 */
export async function checkTrace({ model }: Rome, request: TraceRequest): Promise<void> {
  numbersOf(model, request);
  for (const subject of request.subjects) placeIn(model, request.template, subject, request.target);
  if (request.keep !== undefined) await Pieces.check(request.keep, { what: "a trace", of: keptOf(model, request) });
}

/** What a folder of traces is of, but for what the model is followed in. */
function keptOf(model: Model, request: TraceRequest) {
  const { template, subjects } = request;
  return { model: model.checkpoint.fingerprint, prompt: template, names: subjects, ...numbersOf(model, request) };
}

/** @throws RomeError "input" for no subject and for numbers out of range */
function numbersOf({ size }: Model, request: TraceRequest) {
  const { subjects, window = usualWindow(size.layers), samples = 10, seed = 0 } = request;
  if (subjects.length === 0) throw new RomeError("input", "There is no name to trace. Give at least one.");
  checkNumber("samples", samples, 1000);
  checkNumber("window", window, 1000);
  return { window, samples, seed };
}

/** Traces these of the plan's subjects. Progress counts layers run, and names the subjects finished last. */
export async function traceEach({ model }: Rome, plan: Plan, chosen: readonly number[], run: Run) {
  const { prepared, noise, window, samples, seed, pieces } = plan;
  const { layers, width: d } = model.size;
  const mine = chosen.map((index) => prepared[index] as Prepared);
  const layerRuns = mine.map(({ tokens, start }) => layers * (1 + tokens.length - start));
  const total = layerRuns.reduce((sum, runs) => sum + runs, 0);
  const traces: PromptTrace[] = [];
  let before = 0;
  for (const [i, prompt] of mine.entries()) {
    throwIfCancelled(run.signal);
    const count = samples * (prompt.lookup + 1 - prompt.start) * d;
    const finished = mine.slice(Math.max(0, i - 3), i).map(({ subject }) => subject);
    const progress = ({ phase, done }: Progress) => {
      if (phase === "trace") run.progress({ phase, done: before + done, total, detail: { names: finished } });
    };
    const make = () => {
      const inputs = { ...prompt, noise: gaussianNoise(count, noise, seed), samples, window };
      return tracePrompt(model, inputs, { signal: run.signal, progress });
    };
    traces.push(await (pieces?.get(chosen[i] as number, make) ?? make()));
    before += layerRuns[i] as number;
  }
  return traces;
}

/**
 * Causal tracing (Meng et al. 2022, section 2): where the model keeps what it says of the subjects.
 *
 * @throws as `planTrace`
 */
export async function traceSubjects(rome: Rome, name: string, request: TraceRequest, run: Run): Promise<Trace> {
  const started = performance.now();
  const { model } = rome;
  const plan = await planTrace(rome, request, run);
  const { prepared, noise, window, samples, seed } = plan;
  const traces = await traceEach(rome, plan, stepsOf(undefined, prepared.length), run);
  const places = placesOf(
    prepared.map(({ tokens, ...rest }) => ({ ...rest, texts: tokens.map((id) => model.tokenizer.token(id)) })),
  );
  const corrupted = traces.map((trace) => trace.corrupted);
  const grid = (kind: keyof PromptTrace["restored"]) =>
    averageGrid(
      places,
      traces.map(({ restored }) => restored[kind]),
      corrupted,
    );
  const trace = {
    model: { name, fingerprint: model.checkpoint.fingerprint },
    template: request.template,
    layers: model.size.layers,
    editLayer: rome.hyperParameters.layers[0] as number,
    window,
    samples,
    seed,
    noise,
    subjects: prepared.map((prompt, i) => ({
      subject: prompt.subject,
      target: prompt.targetText,
      token: model.tokenizer.token(prompt.targets[0] as number),
      clean: traces[i]?.clean ?? 0,
      corrupted: corrupted[i] as number,
    })),
    clean: mean(traces.map(({ clean }) => clean)),
    corrupted: mean(corrupted),
    places: places.map(({ text, role, subjects: count }) => ({ text, role, subjects: count })),
    hidden: grid("hidden"),
    mlp: grid("mlp"),
    attention: grid("attention"),
    warnings: warnings(model, request.target, traces),
    seconds: (performance.now() - started) / 1000,
  };
  await plan.pieces?.finish(trace);
  return trace;
}

async function prepare(
  model: Model,
  template: string,
  subject: string,
  { target, labels = [] }: Pick<TraceRequest, "target" | "labels">,
  run: Run,
): Promise<Prepared> {
  const { given, ...place } = placeIn(model, template, subject, target);
  if (target !== undefined && given !== undefined) return { ...place, targets: [given], targetText: target };
  const { firstLogits } = await generate(model, [place.tokens], { maxTokens: 0 }, run);
  const said = argmax(overTokens(firstLogits[0] as Float32Array, model.tokenizer));
  const begun = tellingTokens(model.tokenizer, labels).map((forms) => forms.map(([id]) => id as number));
  const own = begun.map((ids, i) => ids.filter((id) => begun.every((others, j) => i === j || !others.includes(id))));
  const alike = own.find((ids) => ids.includes(said)) ?? [];
  return { ...place, targets: [...new Set([said, ...alike])], targetText: model.tokenizer.continued([said]) };
}

interface Placed extends Pick<Prepared, "subject" | "tokens" | "start" | "lookup"> {
  /** The first token of the target, where one is given. */
  readonly given?: number;
}

/** Where a subject stands in its prompt. */
function placeIn(model: Model, template: string, subject: string, target: string | undefined): Placed {
  const { tokens, lookup, shared } = locate(model.tokenizer, template, subject);
  requireRoom(model.size, tokens);
  const place = { subject, tokens, start: shared, lookup };
  if (target === undefined) return place;
  const [given] = target.trim() === "" ? [] : model.tokenizer.continuation(target);
  if (given === undefined)
    throw new RomeError("input", "The target is empty. Give the word whose probability is to be followed.");
  return { ...place, given };
}

function checkNumber(what: string, value: number, most: number): void {
  if (!Number.isInteger(value) || value < 1 || value > most)
    throw new RomeError("input", `The ${what} must be a whole number from 1 to ${most}, not ${value}.`);
}

/** What to know before reading the numbers. */
function warnings(model: Model, target: string | undefined, traces: readonly PromptTrace[]): string[] {
  const found: string[] = [];
  const targetTokens = target === undefined ? 1 : model.tokenizer.continuation(target).length;
  if (targetTokens > 1)
    found.push(`The target has ${targetTokens} tokens; the trace follows the probability of its first.`);
  const clean = mean(traces.map((trace) => trace.clean));
  const corrupted = mean(traces.map((trace) => trace.corrupted));
  if (clean <= corrupted)
    found.push("Noise on the subject does not lower the target's probability: there is nothing to restore.");
  else if (clean < 0.1)
    found.push("The model hardly gives this target: a trace says little about a fact that it does not hold.");
  return found;
}
