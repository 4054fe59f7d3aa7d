import { throwIfCancelled } from "../../protocol/errors.ts";
import type { LensFit } from "../../protocol/lens.ts";
import { type Run, within } from "../../protocol/run.ts";
import type { ModelSize } from "../architectures/architecture.ts";
import type { Model } from "../model/model.ts";
import { seededRandom } from "../numerics/seededRandom.ts";
import { norm } from "../numerics/vectors.ts";
import { Jacobian, type Made } from "./jacobian.ts";
import { type ReadTexts, readTexts, slopesOf } from "./slopes.ts";

/** Tokens of a text that are read. */
const longestText = 128;
/** What the intermediate values of one run may take, in bytes. */
const bytesPerRun = 2 ** 29;
/** Most bytes of the sums: a wider model is measured along fewer directions than it has components. */
const bytesOfSums = 2 ** 29;
/** One document of so many is kept out of the fit, to measure its error on. */
const heldOutOf = 10;
/** Of what the error is measured on: tokens at least, and probes of each. */
const [measuredTokens, measuredProbes] = [256, 4];
/** Multiples of it modulo 1 are spread evenly, however many they are. */
const goldenRatio = (Math.sqrt(5) - 1) / 2;

/** Documents of a text, the same in the same order each time. */
export type Documents = () => Iterable<string> | AsyncIterable<string>;

export function defaultRank({ layers, width }: ModelSize): number {
  return Math.min(width, Math.floor(bytesOfSums / (4 * Math.max(1, layers - 1) * width)));
}

/** A Jacobian with nothing summed yet; below the full rank, its directions are those of final streams of the text. */
export async function beginFit(
  model: Model,
  made: Made,
  documents: Documents,
  rank: number,
  run: Run,
): Promise<Jacobian> {
  const { size } = model;
  if (rank >= size.width) return Jacobian.empty(size, made);
  const found: Float64Array[] = [];
  const sofar = () => ({ phase: "directions", done: found.length, total: rank });
  for await (const { texts } of batches(model, documents, isFitted, 0)) {
    throwIfCancelled(run.signal);
    const { final, present } = await readTexts(model, texts, within(run, sofar));
    for (const token of tokensIn({ present })) {
      const x = orthogonal(final.subarray(token * size.width, (token + 1) * size.width), found);
      if (x && found.length < rank) found.push(x);
    }
    run.progress(sofar());
    if (found.length === rank) break;
  }
  const directions = new Float32Array(found.length * size.width);
  for (const [i, x] of found.entries()) directions.set(x, i * size.width);
  return Jacobian.empty(size, made, directions);
}

/** What of x is orthogonal to orthonormal vectors, with length 1; undefined where next to nothing is. */
function orthogonal(x: Float32Array, others: readonly Float64Array[]): Float64Array | undefined {
  const left = Float64Array.from(x);
  // Twice, since rounding leaves a little of them after the first time.
  for (let time = 0; time < 2; time++)
    for (const other of others) {
      let share = 0;
      for (let i = 0; i < left.length; i++) share += (other[i] as number) * (left[i] as number);
      for (let i = 0; i < left.length; i++) left[i] = (left[i] as number) - share * (other[i] as number);
    }
  const length = norm(left);
  return length > 1e-4 * norm(x) ? left.map((value) => value / length) : undefined;
}

/**
 * Sums products on, from where the fit stopped, until it rests on `tokens` or the run is stopped. Each token has one
 * direction as its probe; a text that has ended is gone through again, each token then with the next direction: after as
 * many passes as there are directions, every token has had them all, and the mean is exact.
 *
 * @param onAdded after each run of the model, awaited
 * @returns whether there was any text
 */
export async function refineFit(
  model: Model,
  jacobian: Jacobian,
  documents: Documents,
  { tokens, onAdded }: { readonly tokens: number; readonly onAdded?: () => Promise<void> },
  run: Run,
): Promise<boolean> {
  const { reached, rank, width: d } = jacobian;
  const sofar = () => ({ phase: "jacobian", done: Math.min(reached.tokens, tokens), total: tokens });
  const part = within(run, sofar);
  if (model.size.layers < 2) return true;
  while (reached.tokens < tokens) {
    const before = reached.tokens;
    for await (const { texts, numbers, next } of batches(model, documents, isFitted, reached.documents)) {
      throwIfCancelled(run.signal);
      const read = await readTexts(model, texts, part);
      const n = read.present.length / texts.length;
      const probes = new Float32Array(read.present.length * d);
      const directionAt = (token: number) => {
        const offset = Math.floor((((numbers[Math.floor(token / n)] as number) * goldenRatio) % 1) * rank);
        return (offset + (token % n) + reached.passes) % rank;
      };
      for (const token of tokensIn(read)) probes.set(jacobian.direction(directionAt(token)), token * d);
      const slopes = await slopesOf(model, read, probes, part);
      for (const token of tokensIn(read)) jacobian.add(directionAt(token), slopes, token);
      reached.documents = next;
      run.progress(sofar());
      await onAdded?.();
      if (reached.tokens >= tokens) return true;
    }
    // Every batch of this pass has been added, whoever added its first ones.
    if (reached.tokens === before && reached.documents === 0) return false;
    [reached.documents, reached.passes] = [0, reached.passes + 1];
  }
  return true;
}

/**
 * How far the fit is from exact products Jᵀv with Gaussian v on the documents that were kept out; undefined where there are
 * none.
 */
export async function measureFit(
  model: Model,
  jacobian: Jacobian,
  documents: Documents,
  run: Run,
): Promise<LensFit["error"]> {
  const { width: d, layers } = jacobian;
  const uniform = seededRandom(0);
  const gaussian = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  const vectors = Array.from({ length: measuredProbes }, () => Float32Array.from({ length: d }, gaussian));
  const sums = vectors.map(() => Array.from({ length: layers }, () => new Float64Array(d)));
  const expected = vectors.map((vector) => Array.from({ length: layers }, (_, l) => jacobian.carryBack(l, vector)));
  const own = Array.from({ length: layers }, () => ({ wrong: 0, all: 0 }));
  let tokens = 0;
  const part = within(run, () => ({
    phase: "jacobian error",
    done: Math.min(tokens, measuredTokens),
    total: measuredTokens,
  }));
  for await (const { texts } of batches(model, documents, (number) => !isFitted(number), 0)) {
    if (tokens >= measuredTokens) break;
    throwIfCancelled(run.signal);
    const read = await readTexts(model, texts, part);
    const at = tokensIn(read);
    tokens += at.length;
    for (const [k, vector] of vectors.entries()) {
      const probes = new Float32Array(read.present.length * d);
      for (const token of at) probes.set(vector, token * d);
      for (const [layer, slope] of (await slopesOf(model, read, probes, part)).entries())
        for (const token of at)
          for (let i = 0; i < d; i++) {
            const x = slope[token * d + i] as number;
            const sum = sums[k]?.[layer] as Float64Array;
            sum[i] = (sum[i] as number) + x;
            const errors = own[layer] as { wrong: number; all: number };
            errors.wrong += (x - (expected[k]?.[layer]?.[i] as number)) ** 2;
            errors.all += x ** 2;
          }
    }
  }
  if (tokens === 0) return undefined;
  const mean = own.map((_, layer) => {
    let [wrong, all] = [0, 0];
    for (const [k, sum] of sums.entries())
      for (let i = 0; i < d; i++) {
        const x = (sum[layer]?.[i] as number) / tokens;
        wrong += (x - (expected[k]?.[layer]?.[i] as number)) ** 2;
        all += x ** 2;
      }
    return Math.sqrt(wrong / all);
  });
  return { tokens, mean, token: own.map(({ wrong, all }) => Math.sqrt(wrong / all)) };
}

function isFitted(document: number): boolean {
  return document % heldOutOf !== heldOutOf - 1;
}

/** Numbers of the tokens that are no padding. */
function tokensIn({ present }: Pick<ReadTexts, "present">): number[] {
  return Array.from(present.keys()).filter((token) => present[token] !== 0);
}

interface Batch {
  readonly texts: number[][];
  /** Of each text the number of its document. */
  readonly numbers: number[];
  /** Number of the document that the next batch begins with. */
  readonly next: number;
}

/** Tokens of one run: so many that their intermediate values have room. */
function tokensPerRun({ layers, inner, width }: ModelSize): number {
  return Math.max(16, Math.floor(bytesPerRun / (4 * layers * (12 * inner + 20 * width))));
}

/** The wanted documents in runs of the model, each cut where it is too long. */
async function* batches(
  { tokenizer, size }: Model,
  documents: Documents,
  wanted: (document: number) => boolean,
  from: number,
): AsyncGenerator<Batch> {
  const most = tokensPerRun(size);
  let [texts, numbers, longest, document]: [number[][], number[], number, number] = [[], [], 0, 0];
  for await (const text of documents()) {
    const number = document++;
    if (number < from || !wanted(number)) continue;
    const ids = tokenizer.encode(text).slice(0, Math.min(longestText, most, size.positions));
    if (ids.length === 0) continue;
    if (texts.length > 0 && Math.max(longest, ids.length) * (texts.length + 1) > most) {
      yield { texts, numbers, next: number };
      [texts, numbers, longest] = [[], [], 0];
    }
    longest = Math.max(longest, ids.length);
    texts.push(ids);
    numbers.push(number);
  }
  if (texts.length > 0) yield { texts, numbers, next: document };
}
