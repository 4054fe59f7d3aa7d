import type { EngineClient } from "../engine/engineClient.ts";
import type { Experiments } from "../experiment/experiments.ts";
import type { Reports } from "../experiment/reports.ts";
import type { NamesFile } from "../language/namesFile.ts";
import type { ChosenModel } from "../models/chosenModel.ts";
import type { ModelService } from "../models/modelService.ts";
import type { Concepts } from "./concepts.ts";

/** Makes everything be about the chosen concept: names, hovers, the experiment, and the engine, which has one as long as it runs. */
export class ConceptInForce {
  /** Files have changed since they were read. */
  #due = false;
  /** One change after the other, each with all that follows it. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly concepts: Concepts,
    private readonly engine: Pick<EngineClient, "state" | "restart">,
    private readonly experiments: Pick<Experiments, "isRunning">,
    private readonly namesFile: Pick<NamesFile, "load">,
    private readonly reports: Pick<Reports, "load">,
    private readonly chosenModel: Pick<ChosenModel, "folder" | "refresh">,
    private readonly models: Pick<ModelService, "describe">,
  ) {}

  choose(file: string | undefined): Promise<void> {
    return this.#inTurn(async () => {
      await this.concepts.choose(file);
      await this.#follow();
    });
  }

  /** Concept files have changed on disk: the chosen one is read again as soon as nothing runs. */
  async filesChanged(): Promise<void> {
    this.#due = true;
    await this.catchUp();
  }

  /** What runs ends with the concept that it began with; then the files that have changed meanwhile count. */
  async catchUp(): Promise<void> {
    if (!this.#due || this.#isBusy) return;
    this.#due = false;
    await this.#inTurn(async () => {
      if (await this.concepts.reread()) await this.#follow();
    });
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }

  get #isBusy(): boolean {
    const { state } = this.engine;
    return this.experiments.isRunning || state.kind === "starting" || (state.kind === "ready" && state.busy);
  }

  async #follow(): Promise<void> {
    const { namesFile, reports, chosenModel, engine, models } = this;
    await Promise.all([namesFile.load(), reports.load(chosenModel.folder)]);
    if (engine.state.kind !== "stopped") {
      await engine.restart();
      await models.describe();
    } else chosenModel.refresh();
  }
}
