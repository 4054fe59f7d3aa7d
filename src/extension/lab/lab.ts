import { isDeepStrictEqual } from "node:util";
import * as v from "valibot";
import type { Memento } from "vscode";
import { Emitter } from "vscode-jsonrpc";
import type { LabMessage } from "../../protocol/lab.ts";
import type { VectorTry } from "../../protocol/labExperiment.ts";
import { type LabRequest, type LabRun, labRequest } from "../../protocol/labFlip.ts";
import type { ConstructionName } from "../../protocol/referee.ts";
import type { Status } from "../../protocol/viewStatus.ts";
import type { EngineClient } from "../engine/engineClient.ts";
import { isCancelled, messageOf } from "../engine/engineError.ts";
import type { Experiments } from "../experiment/experiments.ts";
import type { Reports } from "../experiment/reports.ts";
import type { NamesFile } from "../language/namesFile.ts";
import type { ChosenModel } from "../models/chosenModel.ts";
import type { ModelService } from "../models/modelService.ts";
import { type FlipCard, shownFlip } from "../results/cards.ts";
import { type EditStore, type LiveEdit, standingIn } from "../results/editStore.ts";
import type { ResultStore } from "../results/resultStore.ts";
import type { FlipDefaults, Runner } from "../results/runner.ts";
import { stored } from "../stored.ts";
import { Measurements } from "./measurements.ts";
import { optionsOf, PreflightCheck } from "./preflight.ts";
import { PromptPane } from "./promptPane.ts";

/** Everything the lab rests on. */
export interface LabServices {
  engine: EngineClient;
  chosenModel: ChosenModel;
  models: ModelService;
  experiments: Experiments;
  reports: Pick<Reports, "report">;
  results: ResultStore;
  edits: EditStore;
  runner: Runner;
  namesFile: NamesFile;
  status: () => Status;
  /** Keeps the form's notes and its result for the next window. */
  memento: Memento;
  /** What the settings say of flips. */
  defaults: () => FlipDefaults;
}

type State = Extract<LabMessage, { type: "state" }>;

/** Where the last run is kept: its card, and what was asked. */
const runKey = "labRun";
const keptRun = v.object({ cardId: v.string(), request: labRequest });

/** What the lab shows, whether or not its panel is open: the form's run, the recording, the tried name, the measurements. */
export class Lab {
  readonly #changed = new Emitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly measurements: Measurements;
  readonly prompt: PromptPane;
  #run: { cardId: string; request: LabRequest; losses: number[] } | undefined;
  readonly #preflight: PreflightCheck;
  #vectorTry: VectorTry = { state: "none" };
  #tryAbort: AbortController | undefined;

  constructor(private readonly services: LabServices) {
    const changed = () => this.#changed.fire();
    const limits = () => services.defaults().limits;
    const scoredLayer = () => services.reports.report?.layer;
    this.#preflight = new PreflightCheck(services.engine, limits, scoredLayer, services.memento, changed);
    this.measurements = new Measurements(
      services.engine,
      () => [...services.namesFile.names],
      changed,
      () => services.edits.on.map(({ edit }) => edit),
    );
    this.prompt = new PromptPane(services.engine, services.edits, changed);
    for (const source of [services.results, services.edits, services.experiments, services.namesFile]) {
      source.onDidChange(changed);
    }
    services.edits.onDidChange(() => this.measurements.editsChanged());
    services.chosenModel.onDidChange(changed);
    services.engine.onDidChangeState(() => this.#preflight.resume());
  }

  /** Brings back what the last window had beside the form. A page that is sent the state before has to draw it twice. */
  restore(): void {
    const run = stored(this.services.memento, runKey, keptRun);
    this.#run ??= run && { ...run, losses: [] };
    this.#preflight.restore(this.services.chosenModel.description);
  }

  /** The snapshot for the view; measurements and the report go by themselves. */
  get state(): State {
    const { chosenModel, namesFile, experiments, status } = this.services;
    const { description } = chosenModel;
    return {
      type: "state",
      status: status(),
      model: description ?? null,
      maxTokens: this.services.defaults().maxTokens,
      run: this.#runState(),
      notes: this.#preflight.notes,
      preflight: this.#preflight.known,
      namesFile: { label: namesFile.path.split(/[\\/]/).at(-1) ?? "", names: namesFile.names.size },
      recording: experiments.recording,
      vectorTry: this.#vectorTry,
    };
  }

  /** The form's request for a card that was made elsewhere; undefined while the model's defaults are not known. */
  requestOf(card: FlipCard): LabRequest | undefined {
    const { description } = this.services.chosenModel;
    if (!description) return undefined;
    const { defaults, model } = description;
    const { options, name } = card;
    const contexts = options.contexts ?? defaults.contexts;
    const concept = options.concept ?? defaults.concept;
    return {
      name,
      template: concept.prompt,
      targets: concept.targets,
      layer: options.layer ?? model.editLayer,
      hyperParameters: { ...defaults.hyperParameters, ...options.hyperParameters },
      covariance: options.covariance ?? "auto",
      key: options.key ?? "rome",
      ...(options.forms && { forms: options.forms }),
      contexts:
        typeof contexts === "number"
          ? contexts
          : contexts === "none"
            ? 0
            : Array.isArray(contexts)
              ? contexts.length
              : defaults.contexts,
      maxTokens: options.maxTokens ?? null,
    };
  }

  /** The edit that is on and was made of this very request; one that differs in anything asks for another edit. */
  inForce(request: LabRequest): LiveEdit | undefined {
    const wanted = this.#settled(request);
    return this.services.edits.on.find(({ id, said, says }) => {
      const card = this.services.results.find(id);
      // Contexts that were given by their texts the form cannot ask for.
      if (card?.kind !== "flip" || typeof card.options.contexts === "object" || said === says) return false;
      const asked = this.requestOf(card);
      return asked && isDeepStrictEqual(this.#settled(asked), wanted);
    });
  }

  /** A request with what it leaves open, so that two of the same edit are the same. */
  #settled({ name, forms = {}, maxTokens, ...request }: LabRequest): LabRequest {
    return { ...request, name: name.trim(), forms, maxTokens: maxTokens ?? this.services.defaults().maxTokens };
  }

  /** The form changed: new notes. */
  edit(request: LabRequest): void {
    this.#preflight.check(request, this.services.chosenModel.description);
  }

  /** Runs the form's request, unless its notes forbid it. */
  async run(request: LabRequest): Promise<void> {
    this.edit(request);
    if (!this.#preflight.isRunnable || this.#runState().state === "running") return;
    const { name } = request;
    const { chosenModel, models, runner } = this.services;
    const { defaults } = chosenModel.description ?? (await models.describe());
    if (this.#runState().state === "running") return;
    const options = optionsOf(request, defaults.concept);
    const losses: number[] = [];
    await runner.flip([name.trim()], options, {
      started: ([cardId]) => {
        this.#run = { cardId: cardId!, request, losses };
        void this.services.memento.update(runKey, { cardId, request });
        this.#changed.fire();
      },
      progress: ({ detail }) => {
        if (detail?.step === undefined || detail.loss === undefined) return;
        losses.push(detail.loss);
        this.#changed.fire();
      },
    });
  }

  cancelRun(): void {
    if (this.#run) this.services.runner.cancel(this.#run.cardId);
  }

  /** Applies scale·g, made in this way, to a typed name; a newer request ends an older one. */
  async tryName(name: string, scale: number, construction?: ConstructionName): Promise<void> {
    this.#tryAbort?.abort();
    const abort = new AbortController();
    this.#tryAbort = abort;
    this.#setTry({ state: "running", name, scale });
    try {
      const asked = { names: [name], scale, ...(construction && { construction }) };
      const [result] = await this.services.engine.request("apply", asked, { signal: abort.signal });
      if (!abort.signal.aborted) this.#setTry(result ? { state: "done", scale, result } : { state: "none" });
    } catch (error) {
      if (abort.signal.aborted && this.#tryAbort !== abort) return;
      const failure = { message: messageOf(error) };
      this.#setTry(isCancelled(error) ? { state: "none" } : { state: "failed", name, scale, failure });
    }
  }

  cancelTry(): void {
    this.#tryAbort?.abort();
  }

  #setTry(state: VectorTry): void {
    this.#vectorTry = state;
    this.#changed.fire();
  }

  /** The run is the state of its card, and gone with it. */
  #runState(): LabRun {
    const run = this.#run;
    const card = run && this.services.results.find(run.cardId);
    if (card?.kind !== "flip") return { state: "idle" };
    const { request, losses } = run!;
    const { body } = card;
    if (body.state === "running") return { state: "running", request, progress: body.progress, losses: [...losses] };
    if (body.state === "failed") return { state: "failed", request, failure: body.failure };
    const { view } = body.result;
    return {
      state: "done",
      request,
      result: shownFlip(view),
      losses: view.losses,
      id: card.id,
      ...standingIn(this.services.edits.all, card),
    };
  }
}
