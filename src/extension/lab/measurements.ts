import type { Attribution } from "../../protocol/attribution.ts";
import type { EditData } from "../../protocol/edit.ts";
import { keyVariants } from "../../protocol/editEntry.ts";
import type { LabAttributionRequest, LabLensRequest } from "../../protocol/labInside.ts";
import type { LabSpecificityRequest, LabTraceRequest } from "../../protocol/labMeasurements.ts";
import type { LabRefereeRequest } from "../../protocol/labReferee.ts";
import type { Lens } from "../../protocol/lens.ts";
import type { Evaluation, Layers, Trace } from "../../protocol/measurements.ts";
import type { PhrasedCard } from "../../protocol/phrasedCard.ts";
import type { EngineClient } from "../engine/engineClient.ts";
import { Measurement } from "./measurement.ts";

/** Seconds that a look may take to be taken again without being asked for. */
const quick = 2;

/** What the lab measures of the model and of edits: where it keeps a fact, what else an edit does, at which layer. */
export class Measurements {
  readonly trace: Measurement<Trace>;
  readonly lens: Measurement<Lens>;
  readonly attribution: Measurement<Attribution>;
  readonly evaluation: Measurement<Evaluation>;
  readonly layers: Measurement<Layers>;
  readonly referee: Measurement<PhrasedCard>;

  /** The latest requests, and the edits that they were made with. */
  readonly #again: Partial<Record<"lens" | "attribution", { readonly of: string; readonly run: () => Promise<void> }>> =
    {};

  constructor(
    private readonly engine: Pick<EngineClient, "request">,
    /** Names of the names file. */
    names: () => readonly string[],
    changed: () => void,
    /** Edits that are on. */
    private readonly edits: () => readonly EditData[] = () => [],
  ) {
    this.trace = new Measurement(names, changed);
    this.lens = new Measurement(names, changed);
    this.attribution = new Measurement(names, changed);
    this.evaluation = new Measurement(names, changed);
    this.layers = new Measurement(names, changed);
    this.referee = new Measurement(names, changed);
  }

  runTrace({ window, samples, target, ...chosen }: LabTraceRequest): Promise<void> {
    const request = {
      samples,
      ...(window === null ? {} : { window }),
      ...(target.trim() === "" ? {} : { target }),
    };
    return this.trace.run(chosen, (names, call) => this.engine.request("trace", { names, ...request }, call));
  }

  /** With the edits that are on, before and after them. */
  runLens(asked: LabLensRequest): Promise<void> {
    const { prompt, word, kind } = asked;
    this.#again.lens = { of: JSON.stringify(this.edits()), run: () => this.runLens(asked) };
    const request = { prompt, kind, topK: 10, edits: [...this.edits()], ...(word.trim() === "" ? {} : { word }) };
    return this.lens.start(1, (call) => this.engine.request("lens", request, call));
  }

  runAttribution(asked: LabAttributionRequest): Promise<void> {
    const { prompt, targets, pattern } = asked;
    this.#again.attribution = { of: JSON.stringify(this.edits()), run: () => this.runAttribution(asked) };
    const request = {
      prompt,
      edits: [...this.edits()],
      ...(targets.some((target) => target.trim() === "") ? {} : { targets }),
      ...(pattern && { pattern }),
    };
    return this.attribution.start(1, (call) => this.engine.request("attribute", request, call));
  }

  /** Other edits are on: what is shown is looked at again, where that is quick. */
  editsChanged(): void {
    const now = JSON.stringify(this.edits());
    for (const what of ["lens", "attribution"] as const) {
      const { state } = this[what];
      const again = this.#again[what];
      if (again && again.of !== now && state.state === "done" && state.result.seconds < quick) void again.run();
    }
  }

  /** @param vector whether there is a recorded vector to compare with */
  runEvaluation({ compare, ...chosen }: LabSpecificityRequest, vector: boolean): Promise<void> {
    const ways = compare ? { keys: [...keyVariants], scales: vector ? [1] : [] } : {};
    return this.evaluation.run(chosen, (names, call) => this.engine.request("evaluate", { names, ...ways }, call));
  }

  runLayers(chosen: LabSpecificityRequest): Promise<void> {
    return this.layers.run(chosen, (names, call) => this.engine.request("layers", { names }, call));
  }

  /** What an earlier trial has kept is not done again. */
  async runReferee(asked: LabRefereeRequest): Promise<void> {
    if (this.referee.state.state === "running") return;
    await this.referee.start(1, (call) => this.engine.request("refereeAtHand", asked, call));
  }

  cancelSpecificity(): void {
    this.evaluation.cancel();
    this.layers.cancel();
  }
}
