import type { Concept } from "../../protocol/concept.ts";
import { throwIfCancelled } from "../../protocol/errors.ts";
import type { Findings, Known, Optimiser, Preparation, Step } from "../../protocol/preparation.ts";
import type { Run } from "../../protocol/run.ts";
import { cacheOf } from "../checkpoint/fingerprint.ts";
import { unwritable, writeAtomically } from "../files/atomicWrite.ts";
import { makeFolder } from "../files/makeFolder.ts";
import { contextParameters } from "../rome/contextStore.ts";
import { contextCount, type HyperParameters, optimiserOf, preparedFile } from "../rome/hyperParameters.ts";
import { contextReason, findContextCount, findContexts } from "./contexts.ts";
import { covarianceReason, findCovariance } from "./covariance.ts";
import { doneSteps } from "./kept.ts";
import { findKnown, findSaid, requireKnown } from "./known.ts";
import { findLayer, layerReason } from "./layers.ts";
import { preparationHtml } from "./preparationHtml.ts";
import type { Scene } from "./scene.ts";
import { findOptimiser, optimiserReason } from "./tune.ts";

export interface PrepareOptions {
  readonly skip: readonly Step[];
  /** Where the numbers come from without preparation. */
  readonly origin: Preparation["before"]["origin"];
  /** The program's storage. */
  readonly storage: string;
}

/**
 * Finds what edits of this model rest on, step by step, and writes it where they look for it: `rome.json` in the
 * program's storage, and a page about why. What an earlier call found is not found again; what a step that is left out
 * would find stays as it is in force.
 *
 * @throws RomeError "data" for a model that does not know the concept; "disk", "cancelled"
 */
export async function prepare(scene: Scene, { skip, origin, storage }: PrepareOptions, run: Run): Promise<Preparation> {
  const { rome, name, concept, base, now, kept } = scene;
  const wanted = (step: Step) => !skip.includes(step);
  const step = async <T>(which: Step, find: () => Promise<T>): Promise<T> => {
    throwIfCancelled(run.signal);
    const started = performance.now();
    const isNew = !doneSteps(kept.findings).includes(which);
    // Some steps count nothing, or what they count has a name of its own.
    if (isNew) run.progress({ phase: which, done: 0, total: 0 });
    try {
      return await find();
    } finally {
      // What was found before costs nothing.
      if (isNew) await kept.spend(which, (performance.now() - started) / 1000);
    }
  };
  const end = (which: Step, found: Partial<Findings> = {}) =>
    kept.keep({ ...found, ended: [...new Set([...kept.findings.ended, which])] });

  const names = await knownNames();
  if (wanted("contexts") && !kept.findings.contexts)
    await step("contexts", async () => end("contexts", { contexts: await findContexts(scene, run) }));

  const aimed = { ...scene, concept: await aimedConcept() };
  const before = { layer: base.layers[0] as number, origin, optimiser: optimiserOf(base) };
  let layer = now.layers[0] as number;
  if (wanted("layers")) {
    layer = (await step("layers", () => findLayer(aimed, names, run))).row.layer;
    await end("layers");
  }
  let counted = kept.findings.covariance;
  if (wanted("covariance") && !(counted?.layer === layer && counted.tokens > 0)) {
    counted = await step("covariance", () => findCovariance(scene, layer, storage, run));
    // The numbers rest on it: they are compared anew.
    const ended = kept.findings.ended.filter((step) => counted?.tokens === 0 || step !== "tune");
    await kept.keep({ covariance: counted, ended: [...new Set<Step>([...ended, "covariance"])] });
  }
  const isCounted = counted !== undefined && counted.tokens > 0;
  const mom2_adjustment = wanted("covariance") ? isCounted : now.mom2_adjustment;
  const covarianceTokens = mom2_adjustment ? await rome.covariances.tokensOf(layer) : 0;
  let optimiser: Optimiser = optimiserOf(now);
  let lengths = now.context_template_length_params;
  if (wanted("tune")) {
    const choice = { layer, covariance: covarianceTokens > 0 ? "auto" : "none" } as const;
    await step("tune", async () => {
      optimiser = (await findOptimiser(aimed, names, { ...choice, optimiser: before.optimiser }, run)).optimiser;
      if (!wanted("contexts")) return;
      const count = await findContextCount(aimed, names, { ...choice, optimiser }, run);
      lengths = count === contextCount(base) ? base.context_template_length_params : contextParameters(count);
    });
    await end("tune");
  }

  const found = { layers: [layer], context_template_length_params: lengths, mom2_adjustment };
  const chosen = { ...now, ...optimiser, ...found };
  const contexts = contextCount(chosen);
  const { findings } = kept;
  // The reasons of a step that is left out are not those of what is in force: another concept may have chosen it.
  const foundBy = (which: Step): Findings => (wanted(which) ? findings : { ...findings, trials: [] });
  const file = preparedFile(storage, rome.model.checkpoint.fingerprint);
  const preparation: Preparation = {
    model: { name, fingerprint: rome.model.checkpoint.fingerprint },
    concept: concept.name,
    prompt: concept.prompt,
    layer,
    before,
    optimiser,
    contexts,
    covarianceTokens,
    findings,
    reasons: {
      layer: layerReason(foundBy("layers"), layer, before.layer),
      covariance: covarianceReason(wanted("covariance") ? counted : undefined, layer, mom2_adjustment),
      optimiser: optimiserReason(foundBy("tune"), layer, optimiser, before.optimiser),
      contexts: contextReason(foundBy("tune"), layer, contexts),
    },
    skipped: [...skip],
    file,
    page: file.replace(/rome\.json$/, "prepared.html"),
    seconds: Object.values(findings.seconds).reduce((sum, seconds) => sum + seconds, 0),
  };
  await write(storage, preparation, chosen);
  return preparation;

  async function aimedConcept(): Promise<Concept> {
    if (!wanted("forms")) return concept;
    const { concept: aimed, forms } = await step("forms", () => scene.aim(run));
    if (!kept.findings.forms) await end("forms", { forms });
    return aimed;
  }

  async function knownNames(): Promise<Known["names"]> {
    if (!wanted("known")) return kept.findings.known?.names ?? findSaid(scene, run);
    if (!kept.findings.known) await step("known", async () => end("known", { known: await findKnown(scene, run) }));
    const known = kept.findings.known as Known;
    requireKnown(known, name, concept);
    return known.names;
  }
}

/** The page first: what the hyper-parameter file says is never without its reasons. */
async function write(storage: string, found: Preparation, chosen: HyperParameters): Promise<void> {
  const { model, concept, file, page } = found;
  const folder = cacheOf(storage, model.fingerprint);
  await makeFolder(folder).catch((cause) => {
    throw unwritable(folder, cause);
  });
  const text = `${JSON.stringify({ ...chosen, prepared: { model: model.name, concept } }, null, 2)}\n`;
  await writeAtomically(page, [Buffer.from(preparationHtml(found))]);
  await writeAtomically(file, [Buffer.from(text)]);
}
