import type { Proof } from "../../protocol/editEntry.ts";
import type { Run } from "../../protocol/run.ts";
import { fingerprintOf, hashWeights } from "../checkpoint/fingerprint.ts";
import { type Checkpoint, findWeight } from "../checkpoint/openCheckpoint.ts";
import type { WeightLocation } from "../checkpoint/tensor.ts";
import type { Model } from "../model/model.ts";
import { Shared } from "../run/shared.ts";

/** Checkpoints up to this size are hashed whole; it takes some 50 ms. */
const wholeUpTo = 64 * 2 ** 20;

type Seal = Pick<Proof, "hashed" | "bytes" | "hash">;

/** What was hashed when a model's layer was first edited by this process. */
const first = new WeakMap<Checkpoint, Shared<Seal>>();

/**
 * The hash of a model's weights as they were when this process first asked for it. Of a large checkpoint: all bytes of
 * the matrix that edits of the layer stand beside, and three samples of every other weight, as in its fingerprint.
 */
export function sealOf(model: Model, layer: number, run: Run): Promise<Seal> {
  const known = first.get(model.checkpoint) ?? new Shared<Seal>();
  first.set(model.checkpoint, known);
  return known.get(String(layer), (hashing) => hash(model, layer, hashing), run);
}

/** The proof that nothing but the edit changed what the model says; reads the files again. */
export async function proveUntouched(
  model: Model,
  layer: number,
  probabilities: readonly Proof["probability"][],
  run: Run,
): Promise<Proof[]> {
  const seal = await sealOf(model, layer, run);
  const { hash: hashAfter } = await hash(model, layer, run);
  return probabilities.map((probability) => ({
    ...seal,
    hashAfter,
    probability,
    untouched: seal.hash === hashAfter && isSame(probability.before, probability.removed),
  }));
}

/** The same for edits of several layers together: the proof of each row, that of the layer which fails if one does. */
export async function proveLayersUntouched(
  model: Model,
  layers: readonly number[],
  probabilities: readonly Proof["probability"][],
  run: Run,
): Promise<Proof[]> {
  const proofs = await Promise.all(layers.map((layer) => proveUntouched(model, layer, probabilities, run)));
  return probabilities.map((_, i) => (proofs.find((ofLayer) => !ofLayer[i]?.untouched) ?? proofs[0])?.[i] as Proof);
}

/** Up to rounding: the two are computed in batches of different sizes, and large products add up in another order there. */
function isSame(before: number, removed: number): boolean {
  return Math.abs(before - removed) <= 1e-5 * before;
}

async function hash({ checkpoint, architecture }: Model, layer: number, { signal }: Run): Promise<Seal> {
  const { weights, bytes } = checkpoint;
  if (bytes <= wholeUpTo) return { hashed: "all", bytes, hash: await hashWeights(checkpoint, { signal }) };
  const edited = findWeight(checkpoint, architecture.editedWeight(layer).name) as WeightLocation;
  const matrix = await hashWeights({ weights: new Map([[edited.name, edited]]) }, { signal });
  return { hashed: "edited", bytes: edited.length, hash: await fingerprintOf(matrix, weights) };
}
