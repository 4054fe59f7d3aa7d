import { createHash } from "node:crypto";
import type { Concept } from "../../protocol/concept.ts";
import { RomeError, throwIfCancelled } from "../../protocol/errors.ts";
import type { EditRecord } from "../../protocol/results.ts";
import { type Run, within } from "../../protocol/run.ts";
import { directionFrom } from "../edits/flip.ts";
import { type Shard, stepsOf } from "../files/shard.ts";
import { ask, likelier } from "../rome/outcomes.ts";
import { fill } from "../rome/prompt.ts";
import type { EditOptions, Rome } from "../rome/rome.ts";
import { Dataset } from "./dataset.ts";
import { listHash, type Manifest } from "./manifest.ts";
import type { Rows } from "./rows.ts";

/** A name and the label that its file gives it. */
export interface LabelledName {
  readonly name: string;
  readonly label: string;
}

export interface RecordOptions extends EditOptions {
  readonly concept: Concept;
  readonly modelName: string;
  readonly versions: Readonly<Record<string, string>>;
  /** Record only every n-th batch: part `index` (from 1) of `count`. */
  readonly shard?: Shard;
  /** Called before anything is recorded here, with how many batches are missing: other processes may record shards of them. */
  readonly elsewhere?: (dataset: Dataset, missing: number, run: Run) => Promise<void>;
}

/**
 * Records one edit a name into a data set: Δv towards the label that the model does not give. Work is done in batches,
 * each stored whole; calling it again after any interruption goes on with the batches that are missing, and the
 * finished files are the same bytes as if nothing had happened. Progress counts names (of this shard), with the batch
 * that was recorded last, and how long the rest takes at the pace of those recorded in this call.
 *
 * Shards may share a folder, at the same time and from several machines: each writes batches of its own, whole or not
 * at all, so they need no lock, and doing one twice gives the same bytes. Without a shard it is one recorder at a time.
 *
 * @returns how many names are recorded, and how many there are (of this shard)
 */
export async function record(
  rome: Rome,
  names: readonly LabelledName[],
  folder: string,
  options: RecordOptions,
  run: Run,
): Promise<{ recorded: number; total: number }> {
  if (!options.shard) return Dataset.locked(folder, () => recordMissing(rome, names, folder, options, run));
  await Dataset.requirePlace(folder);
  return recordMissing(rome, names, folder, options, run);
}

/** Makes what every shard of a recording rests on (contexts, covariance and its factor) and writes its manifest. */
export function prepareRecording(
  rome: Rome,
  names: readonly LabelledName[],
  folder: string,
  options: RecordOptions,
  run: Run,
): Promise<Dataset> {
  return Dataset.locked(folder, () => openRecording(rome, names, folder, options, run));
}

async function openRecording(
  rome: Rome,
  names: readonly LabelledName[],
  folder: string,
  options: RecordOptions,
  run: Run,
): Promise<Dataset> {
  const wanted = await manifestFor(rome, names, options, run);
  const known = await Dataset.open(folder).catch(() => undefined);
  return Dataset.create(folder, known ? continued(wanted, known.manifest, names) : wanted);
}

async function recordMissing(
  rome: Rome,
  names: readonly LabelledName[],
  folder: string,
  options: RecordOptions,
  run: Run,
): Promise<{ recorded: number; total: number }> {
  const dataset = await openRecording(rome, names, folder, options, run);
  const asBegun = { ...options, concept: { ...options.concept, targets: dataset.manifest.targets } };
  const list = names.map(({ name }) => name);
  const { batch } = dataset.manifest;
  const { shard } = options;
  const mine = stepsOf(shard, dataset.batchCount);
  const slice = (index: number) => names.slice(index * batch, (index + 1) * batch);
  const countOf = (batches: readonly number[]) => batches.reduce((sum, index) => sum + slice(index).length, 0);
  const total = countOf(mine);
  if (await dataset.isFinished()) {
    await dataset.read(list);
    return { recorded: total, total };
  }
  const missing = async () => {
    const found: number[] = [];
    for (const index of mine) if (!(await dataset.readBatch(index, list))) found.push(index);
    return found;
  };
  const before = await missing();
  const known = total - countOf(before);
  run.progress({ phase: "record", done: known, total });
  // Each of those elsewhere tells first of what it finds.
  const progress: Run["progress"] = (told) => run.progress({ ...told, done: Math.max(known, told.done) });
  if (before.length > 0) await options.elsewhere?.(dataset, before.length, { ...run, progress });
  const left = options.elsewhere ? await missing() : before;
  let recorded = total - countOf(left);
  const made = { names: 0, seconds: 0 };
  for (const index of left) {
    throwIfCancelled(run.signal);
    const batchNames = slice(index);
    const part = within(run, () => ({ phase: "record", done: recorded, total }));
    const started = performance.now();
    await dataset.writeBatch(index, await recordBatch(rome, batchNames, index * batch, asBegun, part));
    made.seconds += (performance.now() - started) / 1000;
    made.names += batchNames.length;
    recorded += batchNames.length;
    const secondsLeft = ((total - recorded) * made.seconds) / made.names;
    const told = batchNames.map(({ name }) => name);
    run.progress({ phase: "record", done: recorded, total, detail: { names: told, secondsLeft } });
  }
  if (!shard) await dataset.finish((index) => dataset.readBatch(index, list));
  return { recorded, total };
}

/** Joins shards into the data set that one run would have made. */
export async function merge(folders: readonly string[], out: string): Promise<void> {
  const parts = await Promise.all(folders.map((folder) => Dataset.open(folder)));
  const [first] = parts;
  if (!first) throw new RomeError("input", "Name the folders to merge.");
  for (const part of parts)
    if (await part.isFinished())
      throw new RomeError("input", `${part.folder} is a whole data set, not a part of one: there is nothing to merge.`);
  await Dataset.locked(out, async () => {
    // Creating each part's manifest over the first one's refuses parts that do not belong together.
    for (const { manifest } of parts) await Dataset.create(out, manifest);
    const joined = await Dataset.open(out);
    await joined.finish(async (index) => {
      for (const part of parts) {
        const rows = await part.readBatch(index);
        if (rows) return rows;
      }
      return undefined;
    });
  });
}

async function manifestFor(
  rome: Rome,
  names: readonly LabelledName[],
  options: RecordOptions,
  run: Run,
): Promise<Manifest> {
  const { concept } = options;
  const { hyperParameters, layer, contexts, covariance } = await rome.basis(options, run);
  const targets = concept.targets.map(({ text }) => text);
  const extents = names.map(({ name }) => ({ template: concept.prompt, subject: name, targets }));
  return {
    schema: 1,
    model: { name: options.modelName, fingerprint: rome.model.checkpoint.fingerprint },
    concept: concept.name,
    prompt: concept.prompt,
    targets: [concept.targets[0], concept.targets[1]],
    layer,
    key: options.key ?? "rome",
    covarianceTokens: covariance?.tokens ?? 0,
    hyperParameters,
    contexts: [...contexts],
    names: { count: names.length, sha256: listHash(names), of: "list" },
    batch: rome.batchSize(extents, contexts, layer),
    versions: { ...options.versions },
  };
}

/**
 * The manifest with which a recording goes on. Batches keep their size: less memory than before may be the very reason
 * for going on. An older recording keeps its own kind of hash, which took in the lines that the names stood on, and its
 * one form of each label.
 */
export function continued(wanted: Manifest, known: Manifest, names: readonly LabelledName[]): Manifest {
  const old = () => createHash("sha256").update(JSON.stringify(names)).digest("hex");
  const list = known.names.of ? wanted.names : { count: names.length, sha256: old() };
  const targets = wanted.targets.map((target, i) => {
    const { label, text } = target;
    return known.targets[i]?.forms ? target : { label, text };
  }) as Manifest["targets"];
  return { ...wanted, targets, batch: known.batch, names: list };
}

async function recordBatch(
  rome: Rome,
  names: readonly LabelledName[],
  start: number,
  options: RecordOptions,
  run: Run,
): Promise<Rows> {
  const { concept } = options;
  const prompts = names.map(({ name }) => fill(concept.prompt, name));
  const asked = { maxTokens: 0 };
  const before = await ask(
    rome.model,
    prompts.map((prompt) => ({ prompt })),
    concept.targets,
    asked,
    run,
  );
  const directions = before.map(({ probability }) => directionFrom(probability, concept.targets));
  const requests = names.map(({ name }, i) => ({
    subject: name,
    template: concept.prompt,
    target: directions[i]?.to.text as string,
  }));
  const results = await rome.edit(requests, options, run);
  const questions = results.map(({ edit }, i) => ({ prompt: prompts[i] as string, edits: [edit] }));
  const after = await ask(rome.model, questions, concept.targets, asked, run);
  const { width: d, inner: m } = rome.model.size;
  const rows = {
    records: [] as EditRecord[],
    delta: new Float32Array(names.length * d),
    value: new Float32Array(names.length * d),
    key: new Float32Array(names.length * m),
  };
  for (const [i, result] of results.entries()) {
    const { from, to } = directions[i] as (typeof directions)[number];
    const probability = after[i]?.probability ?? {};
    rows.delta.set(result.delta, i * d);
    rows.value.set(result.value, i * d);
    rows.key.set(result.bareKey, i * m);
    rows.records.push({
      index: start + i,
      name: names[i]?.name as string,
      expected: names[i]?.label as string,
      from: from.label,
      to: to.label,
      before: before[i]?.probability ?? {},
      after: probability,
      losses: result.losses.map(({ total }) => total),
      converged: result.converged,
      flipped: likelier(probability) === to.label,
      deltaNorm: result.deltaNorm,
      valueNorm: result.valueNorm,
    });
  }
  return rows;
}
