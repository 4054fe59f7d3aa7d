import { keyVariants } from "../../protocol/editEntry.ts";
import type { LabSpecificityRequest, LabTraceRequest } from "../../protocol/labMeasurements.ts";
import type { Evaluation, Layers, Trace } from "../../protocol/measurements.ts";
import type { EngineClient } from "../engine/engineClient.ts";
import { Measurement } from "./measurement.ts";

/** What the lab measures of the model and of edits: where it keeps a fact, what else an edit does, at which layer. */
export class Measurements {
  readonly trace: Measurement<Trace>;
  readonly evaluation: Measurement<Evaluation>;
  readonly layers: Measurement<Layers>;

  constructor(
    private readonly engine: Pick<EngineClient, "request">,
    /** Names of the names file. */
    names: () => readonly string[],
    changed: () => void,
  ) {
    this.trace = new Measurement(names, changed);
    this.evaluation = new Measurement(names, changed);
    this.layers = new Measurement(names, changed);
  }

  runTrace({ window, samples, target, ...chosen }: LabTraceRequest): Promise<void> {
    const request = {
      samples,
      ...(window === null ? {} : { window }),
      ...(target.trim() === "" ? {} : { target }),
    };
    return this.trace.run(chosen, (names, call) => this.engine.request("trace", { names, ...request }, call));
  }

  /** @param vector whether there is a recorded vector to compare with */
  runEvaluation({ compare, ...chosen }: LabSpecificityRequest, vector: boolean): Promise<void> {
    const ways = compare ? { keys: [...keyVariants], scales: vector ? [1] : [] } : {};
    return this.evaluation.run(chosen, (names, call) => this.engine.request("evaluate", { names, ...ways }, call));
  }

  runLayers(chosen: LabSpecificityRequest): Promise<void> {
    return this.layers.run(chosen, (names, call) => this.engine.request("layers", { names }, call));
  }

  cancelSpecificity(): void {
    this.evaluation.cancel();
    this.layers.cancel();
  }
}
