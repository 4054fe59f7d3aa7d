import { join } from "node:path";
import { type Concept, formsOf } from "../../protocol/concept.ts";
import type { Preparation, PreparationPlan, Step } from "../../protocol/preparation.ts";
import type { Run } from "../../protocol/run.ts";
import { cacheOf } from "../checkpoint/fingerprint.ts";
import { lock } from "../files/lock.ts";
import { Kept } from "../prepare/kept.ts";
import { askedOfEach, balancedSample } from "../prepare/known.ts";
import { planPreparation as plan } from "../prepare/plan.ts";
import { prepare as prepareModel } from "../prepare/prepare.ts";
import type { Scene } from "../prepare/scene.ts";
import { textFiles } from "../rome/corpus.ts";
import { hyperParametersFor } from "../rome/hyperParameters.ts";
import { aimed, measuredForms } from "./aim.ts";
import type { Engine } from "./engine.ts";
import { namesOf } from "./request.ts";

export interface PrepareParams {
  readonly concept?: Concept;
  /** Steps to leave out. */
  readonly skip?: readonly Step[];
  /** Text files for the covariance; none: the model's own corpus, or else WikiText-2 of the Hub. */
  readonly texts?: readonly string[];
  /** Of the sample of names. */
  readonly seed?: number;
  /** Forget what earlier calls found. */
  readonly fresh?: boolean;
}

/**
 * What preparing the model would take; see `prepare`.
 *
 * @throws RomeError "data" for texts that are not there
 */
export async function planPreparation(engine: Engine, params: PrepareParams, run: Run): Promise<PreparationPlan> {
  const { scene } = await setScene(engine, params);
  return plan(scene, { skip: params.skip ?? [], storage: engine.options.storageFolder }, run);
}

/**
 * Prepares the model, going on where an earlier call stopped; edits that follow use what is found.
 *
 * @throws as `prepare` of the room; RomeError "data" for texts that are not there, and while another process prepares it
 */
export async function prepare(engine: Engine, params: PrepareParams, run: Run): Promise<Preparation> {
  const { scene, origin, cache } = await setScene(engine, params);
  const release = await lock(join(cache, "preparing"), { reason: "data" });
  try {
    const options = { skip: params.skip ?? [], origin, storage: engine.options.storageFolder };
    const found = await prepareModel(scene, options, run);
    engine.reopen();
    return found;
  } finally {
    await release();
  }
}

async function setScene(engine: Engine, { concept = engine.concept, seed = 0, texts = [], fresh }: PrepareParams) {
  await textFiles(texts);
  const { recorded } = await namesOf(engine, concept, seed);
  const { rome, name } = await engine.open();
  const { model } = rome;
  const { hyperParameters: base, origin } = await hyperParametersFor(model.checkpoint, model.size.layers);
  const { storageFolder } = engine.options;
  const inForce = await hyperParametersFor(model.checkpoint, model.size.layers, storageFolder);
  const { hyperParameters: now, concept: earlier } = inForce;
  const replaces = earlier === concept.name ? undefined : earlier;
  const cache = cacheOf(storageFolder, model.checkpoint.fingerprint);
  const kept = await Kept.open(cache, concept, { seed, fresh });
  const aim = async (run: Run) => {
    const aimedAt = await aimed(engine, concept, {}, run);
    const measured = aimedAt.targets.some((target) => formsOf(target).length > 1)
      ? await measuredForms(engine, concept, run)
      : undefined;
    const forms = aimedAt.targets.map(({ label, text }) => ({
      label,
      aim: text,
      forms: [...(measured?.find((one) => one.label === label)?.forms ?? [])],
    }));
    return { concept: aimedAt, forms };
  };
  const names = balancedSample(recorded, concept, askedOfEach, seed);
  const scene: Scene = { rome, name, concept, aim, base, now, replaces, names, texts, kept };
  return { scene, origin, cache };
}
