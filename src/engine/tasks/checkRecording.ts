import { formsOf } from "../../protocol/concept.ts";
import type { Run } from "../../protocol/run.ts";
import { Dataset } from "../experiment/dataset.ts";
import { listHash, type Manifest } from "../experiment/manifest.ts";
import { continued } from "../experiment/record.ts";
import type { Engine } from "./engine.ts";
import { type RecordParams, recordingOf } from "./record.ts";

const stepless: Run = { signal: new AbortController().signal, progress: () => {} };

/**
 * Makes sure, before others are to do it, that a recording can be made or continued with these parameters. The model's
 * header is read and nothing is run on it, so what it would have to write (contexts, measured forms) is not compared.
 *
 * @throws RomeError as recording itself: "input" for names, a model, a layer or a file that cannot be used, "data" where
 * the folder holds another recording, with what differs
 */
export async function checkRecording(engine: Engine, params: RecordParams): Promise<void> {
  const { rome, names, settings } = await recordingOf(engine, params, stepless, { measuring: false });
  const { concept, contexts, covariance } = settings;
  const hyperParameters = rome.parameters(settings.hyperParameters);
  const layer = hyperParameters.layers[0] as number;
  await rome.covariances.check(covariance, layer);
  const isSampled = contexts === undefined || typeof contexts === "number";
  const given = isSampled ? undefined : await rome.contexts.of(contexts, stepless);
  const known = await Dataset.open(params.folder).catch(() => undefined);
  if (!known) return;
  const { manifest } = known;
  const targets = concept.targets.map((target, i) => {
    const before = manifest.targets[i] as Manifest["targets"][number];
    const isOpen = params.forms?.[target.label] === undefined && formsOf(target).includes(before.text);
    return isOpen && before.label === target.label ? before : target;
  }) as Manifest["targets"];
  const wanted: Manifest = {
    ...manifest,
    model: { name: settings.modelName, fingerprint: rome.model.checkpoint.fingerprint },
    concept: concept.name,
    prompt: concept.prompt,
    targets,
    layer,
    key: settings.key ?? "rome",
    hyperParameters,
    ...(given && { contexts: given }),
    names: { count: names.length, sha256: listHash(names), of: "list" },
  };
  known.requireSame(continued(wanted, manifest, names));
}
