import type { KeyVariant } from "../../protocol/editEntry.ts";
import { RomeError, throwIfCancelled } from "../../protocol/errors.ts";
import type { Origin } from "../../protocol/preparation.ts";
import type { StepLoss } from "../../protocol/results.ts";
import type { Run } from "../../protocol/run.ts";
import { cacheOf } from "../checkpoint/fingerprint.ts";
import { Model, type ModelOptions } from "../model/model.ts";
import { norm } from "../numerics/vectors.ts";
import { span } from "../run/timeline.ts";
import { batchSize, type Extent } from "./batchSize.ts";
import { type ContextChoice, ContextStore } from "./contextStore.ts";
import type { Covariance } from "./covariance.ts";
import { type CovarianceChoice, CovarianceStore } from "./covarianceStore.ts";
import { Drift, unrelatedPrompts } from "./drift.ts";
import { type Edit, makeEdit } from "./edit.ts";
import { FormStore } from "./formStore.ts";
import { checkHyperParameters, type HyperParameters, hyperParametersFor } from "./hyperParameters.ts";
import { lookUp } from "./lookUp.ts";
import type { Request } from "./prompt.ts";
import { type Solved, solve } from "./solve.ts";

export interface RomeOptions extends ModelOptions {
  /** Folder for contexts, covariances and forms made here; anything in it can be made again. */
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

/** A model with all that ROME needs around it: hyper-parameters, prefix contexts, covariance, forms. */
export class Rome {
  #drift: Drift | undefined;

  private constructor(
    readonly model: Model,
    readonly contexts: ContextStore,
    readonly covariances: CovarianceStore,
    readonly forms: FormStore,
    readonly hyperParameters: HyperParameters,
    readonly origin: Origin,
    readonly options: RomeOptions,
  ) {}

  static async open(folder: string, options: RomeOptions): Promise<Rome> {
    const model = await span("open the model", () => Model.open(folder, options));
    const { hyperParameters, origin } = await hyperParametersFor(model.checkpoint, model.size.layers, options.storage);
    model.expectedEdits = hyperParameters.layers;
    const cache = cacheOf(options.storage, model.checkpoint.fingerprint);
    const contexts = new ContextStore(model, cache, hyperParameters.context_template_length_params);
    return new Rome(
      model,
      contexts,
      new CovarianceStore(model, cache),
      new FormStore(model, cache),
      hyperParameters,
      origin,
      options,
    );
  }

  /** The model's hyper-parameters with some replaced, checked. */
  parameters(changes: Partial<HyperParameters> = {}): HyperParameters {
    const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
    return checkHyperParameters({ ...this.hyperParameters, ...given }, this.model.size.layers);
  }

  /** What edits with these options rest on, whatever the names. */
  basis(options: EditOptions, run: Run): Promise<Basis> {
    return span("contexts and covariance", () => this.#basis(options, run));
  }

  async #basis({ hyperParameters: changes, contexts, covariance }: EditOptions, run: Run): Promise<Basis> {
    const hyperParameters = this.parameters(changes);
    const layer = hyperParameters.layers[0] as number;
    const choice = covariance ?? (hyperParameters.mom2_adjustment ? "auto" : "none");
    return {
      hyperParameters,
      layer,
      contexts: await this.contexts.of(contexts, run),
      covariance: await this.covariances.of(choice, layer, run),
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
    const extents = requests.map(({ target, ...request }) => ({ ...request, targets: [target] }));
    const size = this.batchSize(extents, contexts, layer);
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
    const found = await lookUp(this.model, requests, contexts, layer, run);
    return found.map((one) =>
      makeEdit({ layer, ...one, value: one.bareValue, delta }, options.key ?? "rome", covariance),
    );
  }

  /** How many of such requests share a batch within the memory budget; see `batchSize`. */
  batchSize(requests: readonly Extent[], contexts: readonly string[], layer: number): number {
    return batchSize(this.model, requests, contexts, layer, this.options.memory);
  }

  /** The drift meter of this model: what it says to unrelated prompts is asked once. */
  async drift(): Promise<Drift> {
    this.#drift ??= new Drift(this.model, unrelatedPrompts(await this.covariances.ownCorpus()));
    return this.#drift;
  }
}

/** A word on hyper-parameters that nobody has tried on this model. */
export function untried({ origin, hyperParameters }: Rome, { hyperParameters: changes }: EditOptions): string[] {
  if (origin !== "default" || changes?.layers !== undefined) return [];
  return [
    `Nobody has published hyper-parameters for this model: layer ${hyperParameters.layers[0]} and the rest are GPT-J's, by depth. rome prepare finds better ones.`,
  ];
}
