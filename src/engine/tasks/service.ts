import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import * as v from "valibot";
import type { EditComparison, EditFile, SavedEditData } from "../../protocol/editFile.ts";
import type {
  Call,
  Description,
  EngineApi,
  EngineOptions,
  FlipOptions,
  Params,
  Problem,
} from "../../protocol/engine.ts";
import { type Report, report as reportSchema } from "../../protocol/results.ts";
import { type Concept, checkConcept, readConcept } from "../concept/concept.ts";
import { namesFormat, readExperimentNames, readNames } from "../concept/names.ts";
import { compareEdits } from "../edits/compare.ts";
import { readEditFile, writeEditFile } from "../edits/editFile.ts";
import { decodeSaved, differencesOf, encodeSaved, identityOf } from "../edits/editSet.ts";
import { type ExamineOptions, examine } from "../edits/examine.ts";
import { warningsOf } from "../edits/health.ts";
import { sealOf } from "../edits/untouched.ts";
import { evaluate } from "../evaluate/evaluate.ts";
import { sweepLayers } from "../evaluate/sweepLayers.ts";
import { apply } from "../experiment/apply.ts";
import { Dataset } from "../experiment/dataset.ts";
import { analyzeFolder, defaultSeed, recordFolder, sweepFolder } from "../experiment/experiment.ts";
import { type Contest, flip, type Scorer } from "../experiment/flip.ts";
import { type Classifier, readClassifier, scorerOf } from "../experiment/scorer.ts";
import { download } from "../hub/download.ts";
import { requireModelId } from "../hub/modelId.ts";
import { generate, logProbabilities } from "../model/generate.ts";
import { runtimeVersions } from "../model/session.ts";
import { norm } from "../numerics/adam.ts";
import { adaptersOf, decodeEdit, encodeEdit, encodeVector } from "../rome/edit.ts";
import { optimiserOf } from "../rome/hyperParameters.ts";
import { ask, inexact, likelier } from "../rome/outcomes.ts";
import { preflight } from "../rome/preflight.ts";
import { fill } from "../rome/prompt.ts";
import { Rome, untried } from "../rome/rome.ts";
import { RomeError } from "../run/errors.ts";
import { traceSubjects } from "../trace/trace.ts";
import { listModels, resolveModel } from "./models.ts";
import { Pace, planEdits } from "./pace.ts";

/** Where the shipped data set of the embedded model lies among the shipped files. */
const shippedExperiment = join("models", "embedded", "experiment");

/** The open model with its data set. */
interface Opened {
  readonly rome: Rome;
  readonly name: string;
  /** The data set whose classifier scores edits; undefined where there is none for this model. */
  readonly experiment:
    | { readonly folder: string; readonly classifier: Classifier; readonly scorer: Scorer }
    | undefined;
}

/** The engine behind every door: the command line calls it directly, the extension through the engine process. */
export async function createEngine(options: EngineOptions): Promise<Engine> {
  const concept = await readConcept(join(options.assetsFolder, "data", "gender.json"));
  return new Engine(options, concept);
}

export class Engine implements EngineApi {
  #opened: Promise<Opened> | undefined;
  #model: string;
  #experimentFolder: string | undefined;

  constructor(
    readonly options: EngineOptions,
    readonly concept: Concept,
  ) {
    this.#model = options.model;
    this.#experimentFolder = options.experimentFolder;
  }

  /** The open model; opened by the first request that needs it. */
  open(): Promise<Opened> {
    if (!this.#opened) {
      const opened = this.#open();
      this.#opened = opened;
      opened.catch(() => {
        if (this.#opened === opened) this.#opened = undefined;
      });
    }
    return this.#opened;
  }

  async #open(): Promise<Opened> {
    const { arena, threads, device, exact, memoryBytes, storageFolder, assetsFolder } = this.options;
    const { name, folder } = await resolveModel(this.#model, assetsFolder);
    const rome = await Rome.open(folder, {
      storage: storageFolder,
      threads,
      device,
      exact,
      memory: memoryBytes,
      ...(arena ? {} : { arena: false }),
    });
    for (const place of [this.#experimentFolder, join(assetsFolder, shippedExperiment)]) {
      const classifier = place && (await this.#classifierFor(place, rome));
      if (classifier) return { rome, name, experiment: { folder: place, classifier, scorer: scorerOf(classifier) } };
    }
    return { rome, name, experiment: undefined };
  }

  /** The classifier of a data set if it was recorded with this very model. */
  async #classifierFor(folder: string, rome: Rome): Promise<Classifier | undefined> {
    const dataset = await Dataset.open(folder).catch(() => undefined);
    if (dataset?.manifest.model.fingerprint !== rome.model.checkpoint.fingerprint) return undefined;
    return readClassifier(folder, rome.model.size.width).catch(() => undefined);
  }

  async describe(): Promise<Description> {
    const { rome, name, experiment } = await this.open();
    const { checkpoint, architecture, size } = rome.model;
    const elements = [...checkpoint.weights.values()].map(({ shape }) => shape.reduce((a, b) => a * b, 1));
    return {
      model: {
        name,
        folder: checkpoint.folder,
        fingerprint: checkpoint.fingerprint,
        architecture: architecture.family,
        parameters: elements.reduce((sum, count) => sum + count, 0),
        width: size.width,
        layers: size.layers,
        editLayer: rome.hyperParameters.layers[0] as number,
        weightType: [...checkpoint.weights.values()][0]?.type ?? "",
        eightBit: { there: rome.model.hasEightBit, bytes: rome.model.eightBitBytes },
      },
      defaults: {
        template: this.concept.prompt,
        targets: [this.concept.targets[0], this.concept.targets[1]],
        contexts: 1 + rome.hyperParameters.context_template_length_params.reduce((sum, [, count]) => sum + count, 0),
        hyperParameters: optimiserOf(rome.hyperParameters),
      },
      runtime: {
        ...runtimeVersions(),
        electron: process.versions.electron !== undefined,
        device: rome.model.options.device,
      },
      memoryBytes: process.memoryUsage.rss(),
      hasExperiment: experiment !== undefined,
    };
  }

  /** Closes nothing by force: the old sessions go with the last reference to them. */
  async openModel({ folder, experimentFolder }: { folder: string; experimentFolder?: string }): Promise<Description> {
    this.#model = folder;
    this.#experimentFolder = experimentFolder;
    this.#opened = undefined;
    return this.describe();
  }

  models({ folders }: { folders: string[] }) {
    return listModels(folders, this.options.assetsFolder);
  }

  async quantize(_: object, { signal, progress }: Call) {
    const { model } = (await this.open()).rome;
    const onProgress = (done: number, total: number) => progress({ phase: "quantize", done, total });
    return { folder: await model.makeEightBit({ signal, onProgress }) };
  }

  async download({ repository, revision }: { repository: string; revision?: string }, call: Call) {
    return { folder: await download(requireModelId(repository, revision), call) };
  }

  async flip({ names, ...options }: FlipOptions & { names: string[] }, call: Call) {
    const { rome, experiment } = await this.open();
    const { maxTokens } = options;
    const settings = { ...editOptionsOf(options), maxTokens, signal: call.signal, scorer: experiment?.scorer };
    const checked = checkNames(names);
    const plan = await planEdits(rome, checked.length, settings, call, { completions: 2 });
    return Pace.run(plan, call, (pace) =>
      flip(rome, checked, this.#contest(options), {
        ...settings,
        onStep: (step, loss) => pace.step(step, loss),
      }),
    );
  }

  /** Any target for any subject of any prompt. */
  async edit(params: EditParams, call: Call) {
    const { rome } = await this.open();
    const settings = { ...editOptionsOf(params), maxTokens: params.maxTokens, signal: call.signal };
    fill(params.template, params.subject);
    const plan = await planEdits(rome, 1, settings, call, { completions: 1 });
    return Pace.run(plan, call, (pace) => this.#edit(rome, params, settings, (step, loss) => pace.step(step, loss)));
  }

  async #edit(
    rome: Rome,
    { template, subject, target, maxTokens }: EditParams,
    settings: ExamineOptions,
    onStep: ExamineOptions["onStep"],
  ) {
    const { signal } = settings;
    const targets = [{ label: "target", text: target }];
    const prompt = fill(template, subject);
    const request = { template, subject, target };
    const { layers } = rome.parameters(settings.hyperParameters);
    await sealOf(rome.model, layers[0] as number);
    const [result] = await rome.edit([request], { ...settings, onStep });
    if (!result) throw new Error("an edit without a result");
    const questions = [{ prompt }, { prompt, edits: [result.edit] }];
    const [before, after] = await ask(rome.model, questions, targets, { maxTokens, eightBit: true, signal });
    const side = (outcome: typeof before) => ({
      completion: outcome?.completion ?? "",
      probability: outcome?.probability.target ?? 0,
    });
    const sides = { before: side(before), after: side(after) };
    const [examined] = await examine(rome, [result], [sides], settings);
    if (!examined) throw new Error("an edit that was not examined");
    return {
      subject,
      target,
      layer: result.edit.layer,
      losses: result.losses,
      delta: encodeVector(result.delta),
      deltaNorm: result.deltaNorm,
      denominator: result.edit.denominator,
      covarianceTokens: result.covarianceTokens,
      warnings: [...warningsOf(examined.entry.health), ...untried(rome, settings), ...inexact([before, after])],
      ...sides,
      ...examined,
      edit: encodeEdit(result.edit),
    };
  }

  async preflight({ name, ...options }: Params<"preflight">, { signal }: Call) {
    const { rome } = await this.open();
    const [subject = ""] = checkNames([name]);
    const { prompt, targets } = this.#contest(options);
    const request = { subject, template: prompt, targets: targets.map(({ text }) => text) };
    return preflight(rome, request, { ...editOptionsOf(options), signal });
  }

  async check({ kind, text }: Params<"check">): Promise<Problem[]> {
    return kind === "names" ? readNames(text, namesFormat(this.concept)).problems : checkConcept(text).problems;
  }

  async saveEdits({ file, edits }: { file: string; edits: SavedEditData[] }) {
    const { rome, name } = await this.open();
    const { model } = rome;
    await writeEditFile(resolve(file), {
      model: identityOf(model, name),
      edits: edits.map((edit) => decodeSaved(edit, model.size)),
    });
    return {};
  }

  async readEdits({ file }: { file: string }): Promise<EditFile> {
    const { rome, name } = await this.open();
    const { model, edits } = await readEditFile(resolve(file));
    const differences = differencesOf(model, identityOf(rome.model, name));
    return { file, model, differences, edits: edits.map(encodeSaved) };
  }

  async compareEdits({ files: [first, second] }: { files: [string, string] }): Promise<EditComparison> {
    return compareEdits(await readEditFile(resolve(first)), await readEditFile(resolve(second)));
  }

  #contest({ template, targets }: FlipOptions): Contest {
    const prompt = template ?? this.concept.prompt;
    fill(prompt, "");
    return { prompt, targets: targets ?? this.concept.targets };
  }

  async complete(
    {
      prompt,
      maxTokens,
      topK,
      edits,
    }: { prompt: string; maxTokens: number; topK: number; edits: Parameters<typeof decodeEdit>[0][] },
    call: Call,
  ) {
    const { model } = (await this.open()).rome;
    const ids = model.tokenizer.encode(prompt);
    if (ids.length === 0) throw new RomeError("input", "The prompt is empty.");
    if (ids.length >= model.size.positions)
      throw new RomeError(
        "input",
        `The prompt has ${ids.length} tokens; this model reads at most ${model.size.positions}.`,
      );
    const adapters = adaptersOf([{ edits: edits.map((edit) => decodeEdit(edit, model.size)) }]);
    const { signal } = call;
    const { tokens, firstLogits, eightBit } = await Pace.run({ read: 1, generate: maxTokens - 1 }, call, () =>
      generate(model, [ids], { maxTokens, adapters, eightBit: true, signal }),
    );
    const logProbs = logProbabilities(firstLogits[0] as Float32Array).subarray(0, model.tokenizer.size);
    const best = [...logProbs.keys()].sort((a, b) => (logProbs[b] as number) - (logProbs[a] as number)).slice(0, topK);
    return {
      prompt,
      completion: model.tokenizer.decode(tokens[0] as number[]),
      eightBit,
      next: best.map((id) => ({ token: model.tokenizer.token(id), logProb: logProbs[id] as number })),
    };
  }

  async classify({ names }: { names: string[] }, { signal }: Call) {
    const { rome } = await this.open();
    const questions = checkNames(names).map((name) => ({ prompt: fill(this.concept.prompt, name) }));
    const outcomes = await ask(rome.model, questions, this.concept.targets, { maxTokens: 0, signal });
    return outcomes.map(({ probability }, i) => ({
      name: names[i] as string,
      label: likelier(probability),
      probability,
    }));
  }

  async apply({ names, scale, maxTokens }: { names: string[]; scale: number; maxTokens?: number }, { signal }: Call) {
    const { rome, experiment } = await this.open();
    if (!experiment)
      throw new RomeError(
        "data",
        "There is no recorded experiment for this model yet, so there is no vector to apply. Record one first.",
      );
    return apply(rome, experiment.classifier.vector, scale, checkNames(names), this.concept, { signal, maxTokens });
  }

  async nearest({ edit, count }: { edit: Parameters<typeof decodeEdit>[0]; count: number }) {
    const { rome, experiment } = await this.open();
    if (!experiment) return [];
    const { r } = decodeEdit(edit, rome.model.size);
    const { records, delta } = await (await Dataset.open(experiment.folder)).read();
    const d = r.length;
    const length = norm(r);
    return records
      .map(({ name, from }, i) => {
        const row = delta.subarray(i * d, (i + 1) * d);
        let dot = 0;
        for (let j = 0; j < d; j++) dot += (row[j] as number) * (r[j] as number);
        return { name, from, cosine: dot / (norm(row) * length) };
      })
      .sort((a, b) => b.cosine - a.cosine)
      .slice(0, count);
  }

  async trace({ names, template, ...request }: Params<"trace">, { signal, progress }: Call) {
    const { rome, name } = await this.open();
    const subjects = checkNames(names);
    return traceSubjects(
      rome,
      name,
      { ...request, template: template ?? this.concept.prompt, subjects },
      {
        signal,
        onProgress: (done, total, finished) =>
          progress({ phase: "trace", done, total, detail: { names: [...finished] } }),
      },
    );
  }

  async layers({ names, seed, ...options }: Params<"layers">, { signal, progress }: Call) {
    const { rome, name } = await this.open();
    const onLayer = (done: number, total: number) => progress({ phase: "layers", done, total });
    const sweep = { ...editOptionsOf(options), seed, signal, onLayer };
    return sweepLayers(rome, name, checkNames(names), await this.#pool(), this.#concept(options), sweep);
  }

  async evaluate({ names, keys, scales, seed, ...options }: Params<"evaluate">, { signal, progress }: Call) {
    const { rome, name, experiment } = await this.open();
    const vector = experiment?.classifier.vector;
    const onProgress = (done: number, total: number) => progress({ phase: "evaluate", done, total });
    const concept = this.#concept(options);
    const evaluation = { ...editOptionsOf(options), keys, scales, vector, seed, signal, onProgress };
    return evaluate(rome, name, checkNames(names), await this.#pool(), concept, evaluation);
  }

  /** The concept, or one of the caller's own prompt and targets. */
  #concept({ template, targets }: FlipOptions): Concept {
    if (template === undefined && targets === undefined) return this.concept;
    const { prompt, targets: pair } = this.#contest({ template, targets });
    return { ...this.concept, name: "own prompt", prompt, targets: [pair[0], pair[1]] };
  }

  /** Names to take neighbours from. */
  async #pool(): Promise<string[]> {
    return (await readExperimentNames(this.concept, defaultSeed)).recorded.map(({ name }) => name);
  }

  async record({ namesFile, folder }: { namesFile?: string; folder: string }, call: Call) {
    const { recorded } = await readExperimentNames(this.concept, defaultSeed, { file: namesFile });
    return recordFolder(this, this.concept, recorded, folder, call);
  }

  analyze({ folder }: { folder: string }): Promise<Report> {
    return analyzeFolder(folder, this.concept);
  }

  async sweep({ folder }: { folder: string }, call: Call): Promise<Report> {
    return sweepFolder(this, folder, await readExperimentNames(this.concept, defaultSeed), this.concept, call);
  }

  async report(): Promise<Report | null> {
    const { experiment } = await this.open();
    if (!experiment) return null;
    const text = await readFile(join(experiment.folder, "report.json"), "utf8").catch(() => undefined);
    const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), reportSchema), text);
    return parsed.success ? parsed.output : null;
  }

  /** Of what the numbers may depend on. */
  async versions(): Promise<Record<string, string>> {
    const { onnxruntime } = runtimeVersions();
    return { onnxruntime };
  }
}

/** Names as given, trimmed; `input` error for an empty or overlong one. */
function checkNames(names: readonly string[]): string[] {
  return names.map((name) => {
    const trimmed = name.trim();
    if (trimmed === "") throw new RomeError("input", "A name is empty.");
    if (trimmed.length > 200)
      throw new RomeError("input", `${trimmed.slice(0, 20)}… is too long for a name (200 characters at most).`);
    if (trimmed.includes("{}")) throw new RomeError("input", "A name cannot contain {}.");
    return trimmed;
  });
}

function parametersOf({ layer, hyperParameters }: FlipOptions) {
  return { ...hyperParameters, ...(layer === undefined ? {} : { layers: [layer] }) };
}

type EditParams = FlipOptions & { template: string; subject: string; target: string; maxTokens: number };

/** The options of a request as ROME takes them. */
export function editOptionsOf(options: FlipOptions): ExamineOptions {
  const { contexts, covariance, key, limits, keepBad } = options;
  return { hyperParameters: parametersOf(options), contexts, covariance, key, limits, keepBad };
}
