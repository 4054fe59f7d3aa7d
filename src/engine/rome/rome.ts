import { mkdir, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { KeyVariant } from "../../protocol/editEntry.ts";
import type { StepLoss } from "../../protocol/results.ts";
import { unwritable, writeAtomically } from "../files/atomicWrite.ts";
import { Model, type ModelOptions } from "../model/model.ts";
import { norm } from "../numerics/adam.ts";
import { seededRandom } from "../numerics/seededRandom.ts";
import { RomeError, throwIfCancelled } from "../run/errors.ts";
import type { Run } from "../run/run.ts";
import { Shared } from "../run/shared.ts";
import { type ContextParameters, checkContexts, readContexts, sampleContexts } from "./contexts.ts";
import { fingerprintOf, openTexts, readCorpus } from "./corpus.ts";
import { Covariance, type Provenance, SecondMoment } from "./covariance.ts";
import { Drift, unrelatedPrompts } from "./drift.ts";
import { type Edit, makeEdit } from "./edit.ts";
import { checkHyperParameters, type HyperParameters, hyperParametersFor, type Origin } from "./hyperParameters.ts";
import type { Request } from "./prompt.ts";
import { lookUp, type Solved, solve } from "./solve.ts";

/** Which prefix contexts: sampled as published, a number of them, only the bare prompt, a file, or given ones. */
export type ContextChoice = number | "none" | { readonly file: string } | readonly string[] | undefined;
/** Which covariance: none, the stored or freshly counted one, or a file made by `save`. */
export type CovarianceChoice = "none" | "auto" | { readonly file: string };

export interface RomeOptions extends ModelOptions {
  /** Folder for contexts and covariances made here; anything in it can be made again. */
  readonly storage: string;
  /** Bytes the process may take while it edits. */
  readonly memory?: number;
}

export interface EditOptions {
  readonly hyperParameters?: Partial<HyperParameters>;
  readonly contexts?: ContextChoice;
  readonly covariance?: CovarianceChoice;
  readonly key?: KeyVariant;
}

export interface EditResult extends Solved {
  readonly edit: Edit;
  /** ‖Δv‖ and ‖v‖. */
  readonly deltaNorm: number;
  readonly valueNorm: number;
  readonly covarianceTokens: number;
}

/** What edits rest on besides their requests. */
export interface Basis {
  readonly hyperParameters: HyperParameters;
  readonly layer: number;
  readonly contexts: readonly string[];
  /** Second moment of the layer's keys, where there is one and it is wanted. */
  readonly covariance: Covariance | undefined;
}

export interface CountOptions {
  readonly layer?: number;
  /** Tokens to rest on. */
  readonly tokens?: number;
}

/** A stored second moment: its layer, the tokens it rests on, where it lies, and the fingerprint of its text. */
export interface Counted {
  readonly layer: number;
  readonly tokens: number;
  readonly file: string;
  readonly corpus: string;
}

/** How much counting is lost at most when the process is killed. */
const millisecondsBetweenSaves = 60_000;
/** Tokens of the default corpus that the covariance rests on, per component of a key. */
const tokensPerComponent = 10;
/** Length of keys from which on the covariance's factor is kept on disk: below, it is made in seconds. */
const sizeOfKeptFactors = 4096;
/** Of the prefix contexts that are sampled here. */
export const contextSeed = 0;
/** Bytes of activations a batch may take where no budget is given. */
const activationMemory = 2 ** 29;
/** More names than this a batch gain nothing: the working set leaves the processor's cache. */
const largestBatch = 16;

/** A model with all that ROME needs around it: hyper-parameters, prefix contexts, covariance. */
export class Rome {
  readonly #contexts = new Shared<string[]>();
  readonly #covariances = new Shared<Covariance | undefined>();
  #drift: Drift | undefined;

  private constructor(
    readonly model: Model,
    readonly hyperParameters: HyperParameters,
    readonly origin: Origin,
    readonly options: RomeOptions,
  ) {}

  static async open(folder: string, options: RomeOptions): Promise<Rome> {
    const model = await Model.open(folder, options);
    const { hyperParameters, origin } = await hyperParametersFor(model.checkpoint, model.size.layers);
    return new Rome(model, hyperParameters, origin, options);
  }

  /** The model's hyper-parameters with some replaced, checked. */
  parameters(changes: Partial<HyperParameters> = {}): HyperParameters {
    const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
    return checkHyperParameters({ ...this.hyperParameters, ...given }, this.model.size.layers);
  }

  /** What edits with these options rest on, whatever the names. */
  async basis({ hyperParameters: changes, contexts, covariance }: EditOptions, run: Run): Promise<Basis> {
    const hyperParameters = this.parameters(changes);
    const layer = hyperParameters.layers[0] as number;
    const choice = covariance ?? (hyperParameters.mom2_adjustment ? "auto" : "none");
    return {
      hyperParameters,
      layer,
      contexts: await this.contexts(contexts, run),
      covariance: await this.covariance(choice, layer, run),
    };
  }

  /**
   * Δv and the rank-one edit for each request, in batches that keep to the memory budget. Progress counts evaluations,
   * each with its batch's mean loss.
   */
  async edit(requests: readonly Request[], options: EditOptions, run: Run): Promise<EditResult[]> {
    const aimless = requests.find(({ target }) => this.model.tokenizer.continuation(target).length === 0);
    if (aimless)
      throw new RomeError(
        "input",
        `The target for ${JSON.stringify(aimless.subject)} is empty. Say what is to follow.`,
      );
    const { hyperParameters, layer, contexts, covariance } = await this.basis(options, run);
    const results: EditResult[] = [];
    const size = this.batchSize(contexts.length, layer);
    const steps = hyperParameters.v_num_grad_steps;
    const total = steps * Math.ceil(requests.length / size);
    for (let start = 0; start < requests.length; start += size) {
      throwIfCancelled(run.signal);
      const batch = requests.slice(start, start + size);
      const before = (steps * start) / size;
      const onStep = (step: number, losses: readonly (StepLoss | undefined)[]) => {
        const loss = losses.reduce((sum, one) => sum + (one?.total ?? 0), 0) / losses.length;
        run.progress({ phase: "solve", done: before + step, total, detail: { step, loss } });
      };
      for (const solved of await solve(this.model, batch, { hyperParameters, contexts, onStep }, run)) {
        const edit = makeEdit({ layer, ...solved }, options.key ?? "rome", covariance);
        const norms = { deltaNorm: norm(solved.delta), valueNorm: norm(solved.value) };
        const covarianceTokens = covariance?.tokens ?? 0;
        results.push({ ...solved, ...norms, edit, covarianceTokens });
      }
      // A batch may converge before its steps run out.
      run.progress({ phase: "solve", done: before + steps, total });
    }
    return results;
  }

  /** The rank-one edit that adds a given δ to what the layer writes for each subject. */
  async editWith(
    delta: Float32Array,
    requests: readonly Omit<Request, "target">[],
    options: EditOptions,
    run: Run,
  ): Promise<Edit[]> {
    const { layer, contexts, covariance } = await this.basis(options, run);
    const edits: Edit[] = [];
    const size = this.batchSize(contexts.length, layer);
    for (let start = 0; start < requests.length; start += size) {
      throwIfCancelled(run.signal);
      for (const found of await lookUp(this.model, requests.slice(start, start + size), contexts, layer, run))
        edits.push(makeEdit({ layer, ...found, value: found.bareValue, delta }, options.key ?? "rome", covariance));
    }
    return edits;
  }

  /** Names a batch: what the memory budget holds, beside the model, of the activations that the backward pass needs. */
  batchSize(contexts: number, layer: number): number {
    const { width: d, inner: m, layers, heads } = this.model.size;
    const [tokens, past] = [4, 32];
    const perToken = (layers - layer) * (14 * d + 10 * m + 4 * heads * past);
    const perRow = 4 * (tokens * perToken + 2 * past * d * layers + 2 * this.model.size.vocabulary);
    const perName = perRow * (contexts + 1);
    const base = this.model.residentBytes();
    const { memory } = this.options;
    const fitting = Math.floor((memory === undefined ? activationMemory : memory - base) / perName);
    if (fitting < 1 && memory !== undefined)
      throw new RomeError(
        "memory",
        `One name with ${contexts} contexts needs about ${Math.ceil((base + perName) / 2 ** 20)} MB in all; allow more memory or fewer contexts.`,
      );
    return Math.max(1, Math.min(largestBatch, fitting));
  }

  /** Prefix contexts: from the model's folder, or sampled once and kept. */
  async contexts(choice: ContextChoice, run: Run): Promise<string[]> {
    if (choice === "none") return ["{}"];
    if (Array.isArray(choice)) return checkContexts(choice, "contexts");
    if (typeof choice === "object") return readContexts((choice as { file: string }).file);
    const key = String(choice ?? "published");
    return this.#contexts.get(key, (making) => this.#stored(key, choice as number | undefined, making), run);
  }

  async #stored(key: string, count: number | undefined, run: Run): Promise<string[]> {
    const places = [join(this.#cache, `contexts-${key}-seed${contextSeed}.json`)];
    if (count === undefined) places.unshift(join(this.model.checkpoint.folder, "contexts.json"));
    for (const place of places) {
      const text = await readFile(place, "utf8").catch(() => undefined);
      if (text !== undefined) return checkContexts(JSON.parse(text), place);
    }
    const published = this.hyperParameters.context_template_length_params;
    const contexts = await sampleContexts(this.model, parametersFor(count, published), seededRandom(contextSeed), run);
    await this.#write(places.at(-1) as string, JSON.stringify(contexts, null, 1));
    return contexts;
  }

  /** The second moment of a layer's keys; undefined for "none", and for "auto" where there is no corpus to count. */
  async covariance(choice: CovarianceChoice, layer: number, run: Run): Promise<Covariance | undefined> {
    if (choice === "none") return undefined;
    const provenance = { model: this.model.checkpoint.fingerprint, layer };
    if (typeof choice === "object")
      return this.#covariances.get(
        `${layer} ${choice.file}`,
        (making) => this.#factored(choice.file, provenance, making),
        run,
      );
    return this.#covariances.get(`${layer}`, (making) => this.#autoCovariance(layer, provenance, making), run);
  }

  async #autoCovariance(layer: number, base: Omit<Provenance, "corpus">, run: Run): Promise<Covariance | undefined> {
    const { folder } = this.model.checkpoint;
    const name = `covariance-layer${layer}.safetensors`;
    for (const place of [join(folder, name), join(this.#cache, name)]) {
      const stored = await this.#factored(place, base, run).catch((error) => {
        if (!RomeError.is(error, "data")) throw error;
      });
      if (stored) return stored;
    }
    const corpus = await this.ownCorpus();
    if (!corpus) return undefined;
    const moment = SecondMoment.empty(this.model.size.inner, { ...base, corpus: fingerprintOf(corpus) });
    await moment.refine(this.model, corpus, { tokens: tokensPerComponent * this.model.size.inner }, run);
    await mkdir(this.#cache, { recursive: true });
    await moment.save(join(this.#cache, name));
    return moment.factor({}, run);
  }

  /** A stored second moment made ready for edits. The factor of a large one is kept, where the disk has room. */
  async #factored(place: string, base: Omit<Provenance, "corpus">, run: Run): Promise<Covariance> {
    const kept = join(this.#cache, `factor-layer${base.layer}.safetensors`);
    const known = await Covariance.load(kept, place);
    if (known) return known;
    const moment = await SecondMoment.load(place, this.model.size.inner, base);
    const covariance = await moment.factor({}, run);
    if (moment.size >= sizeOfKeptFactors) {
      await mkdir(this.#cache, { recursive: true })
        .then(() => covariance.save(kept, moment.provenance))
        .catch(() => undefined);
    }
    return covariance;
  }

  /**
   * Counts the second moment of a layer's keys over texts, until it rests on `tokens` or the texts end, and stores it
   * where "auto" finds it. What is counted is kept every so often and when it is cancelled; it goes on from there.
   *
   * @param texts files or folders; none: the model's own corpus
   * @throws RomeError "data" for texts that are not there, "disk" where it cannot be stored, "cancelled"
   */
  async countCovariance(texts: readonly string[], count: CountOptions, run: Run): Promise<Counted> {
    const { model } = this;
    const layer = this.parameters(count.layer === undefined ? {} : { layers: [count.layer] }).layers[0] as number;
    const tokens = count.tokens ?? tokensPerComponent * model.size.inner;
    const own = await this.ownCorpus();
    if (texts.length === 0 && !own)
      throw new RomeError("input", "This model brings no corpus. Name a text file: rome covariance FILE");
    const named = texts.length > 0 ? await openTexts(texts, run) : undefined;
    const corpus = named?.documents() ?? (own as string[]);
    const fingerprint = named?.fingerprint ?? fingerprintOf(own as string[]);
    const made = { model: model.checkpoint.fingerprint, layer, corpus: fingerprint };
    const file = join(this.#cache, `covariance-layer${layer}.safetensors`);
    const unfinished = `${file}.${made.corpus.slice(0, 16)}.sum`;
    await mkdir(this.#cache, { recursive: true }).catch((error) => {
      throw unwritable(this.#cache, error);
    });
    const { corpus: text, ...base } = made;
    const stored = await SecondMoment.load(unfinished, model.size.inner, base).catch(() => undefined);
    const moment = stored && stored.tokens <= tokens ? stored : SecondMoment.empty(model.size.inner, made);
    let saved = performance.now();
    const onCounted = async () => {
      if (performance.now() - saved < millisecondsBetweenSaves) return;
      await moment.saveSum(unfinished);
      saved = performance.now();
    };
    try {
      await moment.refine(model, corpus, { tokens, onCounted }, run);
    } catch (error) {
      if (RomeError.is(error, "cancelled") && moment.tokens > 0) await moment.saveSum(unfinished);
      throw error;
    }
    if (moment.tokens === 0) throw new RomeError("data", "The text holds no tokens.");
    await moment.save(file);
    await rm(unfinished, { force: true });
    this.#covariances.forget(`${layer}`);
    return { layer, tokens: moment.tokens, file, corpus: text };
  }

  /** The text that lies in the model's folder, a document each; undefined where there is none. */
  ownCorpus(): Promise<string[] | undefined> {
    return readCorpus(join(this.model.checkpoint.folder, "corpus.txt"));
  }

  /** The drift meter of this model: what it says to unrelated prompts is asked once. */
  async drift(): Promise<Drift> {
    this.#drift ??= new Drift(this.model, unrelatedPrompts(await this.ownCorpus()));
    return this.#drift;
  }

  get #cache(): string {
    return join(this.options.storage, this.model.checkpoint.fingerprint.slice(0, 16));
  }

  async #write(path: string, text: string): Promise<void> {
    await mkdir(dirname(path), { recursive: true });
    await writeAtomically(path, [Buffer.from(text)]);
  }
}

/** A word on hyper-parameters that nobody has tried on this model. */
export function untried({ origin, hyperParameters }: Rome, { hyperParameters: changes }: EditOptions): string[] {
  if (origin !== "default" || changes?.layers !== undefined) return [];
  return [
    `Nobody has published hyper-parameters for this model: layer ${hyperParameters.layers[0]} and the rest are GPT-J's, by depth. rome sweep tells a better layer.`,
  ];
}

/** Lengths and counts for so many contexts in all, the bare one included; the published ones by default. */
function parametersFor(count: number | undefined, published: ContextParameters): ContextParameters {
  if (count === undefined) return published;
  if (!Number.isInteger(count) || count < 1 || count > 1000)
    throw new RomeError("input", `The number of contexts must be between 1 and 1,000, not ${count}.`);
  const short = Math.ceil((count - 1) / 2);
  return [
    [5, short],
    [10, count - 1 - short],
  ];
}
