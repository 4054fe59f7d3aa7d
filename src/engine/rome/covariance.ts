import { RomeError, throwIfCancelled } from "../../protocol/errors.ts";
import type { Run } from "../../protocol/run.ts";
import { readSafetensors, readSafetensorsMetadata, writeSafetensors } from "../checkpoint/tensorFile.ts";
import { padLeft } from "../model/generate.ts";
import type { Model } from "../model/model.ts";
import { BlockCholesky, type FactorOptions } from "../numerics/blockCholesky.ts";

/** Added to the diagonal, relative to its mean, so that the matrix can be inverted whatever it rests on. */
const ridge = 1e-4;
/** Tokens of one run of the model; bounds its memory. */
const tokensPerRun = 2048;

/** What a second moment was made of; one made of anything else is not used. */
export interface Provenance {
  readonly model: string;
  readonly layer: number;
  readonly corpus: string;
}

/** What an edit takes of a second moment: its inverse, as a factor. */
export class Covariance {
  constructor(
    readonly factor: BlockCholesky,
    /** Tokens the second moment rests on. */
    readonly tokens: number,
  ) {}

  /** u ∝ C⁻¹ k, not yet of length 1 [m]. */
  whiten(key: ArrayLike<number>): Float64Array {
    return this.factor.solve(key);
  }

  /** Stores the factor with what it was made of: reading it takes a tenth of the time of making it. */
  async save(path: string, provenance: Provenance): Promise<void> {
    const { panels, n, rows } = this.factor;
    const factor = { shape: [panels.length], data: panels };
    await writeSafetensors(path, { factor }, { ...described(provenance, n, this.tokens), rows: String(rows) });
  }

  /** The factor stored at `path` if it was made of the second moment stored at `moment`. */
  static async load(path: string, moment: string): Promise<Covariance | undefined> {
    try {
      const [wanted, made] = await Promise.all([moment, path].map(readSafetensorsMetadata));
      const same = Object.keys(described(none, 0, 0)).every((key) => wanted?.[key] === made?.[key]);
      const [n, rows] = [Number(made?.size), Number(made?.rows)];
      const panels = same && (await readSafetensors(path)).tensors.get("factor")?.data;
      if (!(panels instanceof Float64Array) || panels.length !== BlockCholesky.length(n, rows)) return undefined;
      return new Covariance(new BlockCholesky(n, rows, panels), Number(made?.tokens));
    } catch {
      return undefined;
    }
  }
}

const none: Provenance = { model: "", layer: 0, corpus: "" };

function requireMade(path: string, metadata: Readonly<Record<string, string>>, expected: object): void {
  const differs = Object.entries(expected).filter(([key, value]) => metadata[key] !== String(value));
  if (differs.length > 0) throw madeWithAnother(path, differs.map(([key]) => key).join(", "));
}

function madeWithAnother(path: string, what: string): RomeError {
  return new RomeError("data", `The covariance in ${path} was made with another ${what}.`);
}

/** The metadata that says which second moment a file holds, or is made of. */
function described({ layer, ...names }: Provenance, size: number, tokens: number): Record<string, string> {
  return { ...names, layer: String(layer), size: String(size), tokens: String(tokens) };
}

/** A loop, since `from` makes an ordinary array of all its values first, and a large matrix is too long for that. */
function mapped<T extends Float32Array | Float64Array>(
  values: Float32Array | Float64Array,
  Type: new (length: number) => T,
  map: (value: number) => number,
): T {
  const result = new Type(values.length);
  for (let i = 0; i < values.length; i++) result[i] = map(values[i] as number);
  return result;
}

/** Place of element [i, j], j ≤ i, of a lower triangle stored row by row. */
function triangular(i: number, j: number): number {
  return (i * (i + 1)) / 2 + j;
}

/**
 * C = E[k kᵀ], the uncentred second moment of a layer's keys over the tokens of a text (Meng et al. 2022, eq. 2).
 * Anytime: it can be used after any number of tokens, stored, and refined later.
 */
export class SecondMoment {
  private constructor(
    /** m: length of a key. */
    readonly size: number,
    readonly provenance: Provenance,
    /** Σ k kᵀ in double precision: its lower triangle, row by row [m(m+1)/2]. */
    readonly sum: Float64Array,
    public tokens: number,
    /** Documents of the corpus already counted. */
    public documents: number,
  ) {}

  static empty(size: number, provenance: Provenance): SecondMoment {
    return new SecondMoment(size, provenance, new Float64Array(triangular(size, 0)), 0, 0);
  }

  /** From a matrix given as a whole, e.g. a file made elsewhere: C [m, m]. */
  static of(matrix: ArrayLike<number>, size: number, tokens: number, provenance: Provenance): SecondMoment {
    const moment = SecondMoment.empty(size, provenance);
    moment.#add(matrix, tokens);
    moment.tokens = tokens;
    return moment;
  }

  /** Adds a symmetric matrix [m, m], times `factor`. */
  #add(matrix: ArrayLike<number>, factor: number): void {
    const { size, sum } = this;
    for (let i = 0, at = 0; i < size; i++)
      for (let j = 0; j <= i; j++, at++) sum[at] = (sum[at] as number) + factor * (matrix[i * size + j] as number);
  }

  /**
   * C, with a ridge, factored.
   *
   * @throws RomeError ("data") for one that rests on nothing, or that no real keys can have; "cancelled"
   */
  async factor(options: FactorOptions, run: Run): Promise<Covariance> {
    const { size, sum, tokens } = this;
    if (tokens === 0) throw new RomeError("data", "The covariance rests on no tokens yet.");
    let trace = 0;
    for (let i = 0; i < size; i++) trace += sum[triangular(i, i)] as number;
    const added = (ridge * trace) / size / tokens;
    const entry = (i: number, j: number) => (sum[triangular(i, j)] as number) / tokens + (i === j ? added : 0);
    const factor = await BlockCholesky.of(entry, size, options, run).catch((cause) => {
      if (cause instanceof RangeError)
        throw new RomeError("data", "The covariance is no second moment of anything; count it again.", { cause });
      throw cause;
    });
    return new Covariance(factor, tokens);
  }

  /**
   * Counts documents on, from where it stopped, until it rests on `tokens` tokens or the corpus ends.
   *
   * @param corpus the same documents in the same order each time
   * @param onCounted after each batch, awaited
   */
  async refine(
    model: Model,
    corpus: Iterable<string> | AsyncIterable<string>,
    { tokens, onCounted }: { readonly tokens: number; readonly onCounted?: () => Promise<void> },
    run: Run,
  ): Promise<void> {
    let [batch, longest, seen, empty]: [number[][], number, number, number] = [[], 0, 0, 0];
    const count = async () => {
      throwIfCancelled(run.signal);
      if (batch.length > 0) await this.#count(model, batch, longest, run);
      this.documents += batch.length + empty;
      [batch, longest, empty] = [[], 0, 0];
      await onCounted?.();
      run.progress({ phase: "covariance", done: Math.min(this.tokens, tokens), total: tokens });
    };
    const skipped = this.documents;
    if (this.tokens >= tokens) return;
    for await (const document of corpus) {
      if (seen++ < skipped) continue;
      const ids = model.tokenizer.encode(document).slice(0, model.size.positions);
      if (batch.length > 0 && Math.max(longest, ids.length) * (batch.length + 1) > tokensPerRun) {
        await count();
        if (this.tokens >= tokens) return;
      }
      longest = Math.max(longest, ids.length);
      if (ids.length > 0) batch.push(ids);
      else empty++;
    }
    await count();
  }

  async #count(model: Model, batch: readonly number[][], longest: number, run: Run): Promise<void> {
    const spec = { to: this.provenance.layer, moment: true };
    const { moment } = await model.forward(spec, { tokens: padLeft(batch, longest) }, run);
    this.#add(moment, 1);
    this.tokens += batch.reduce((total, ids) => total + ids.length, 0);
  }

  /** Stores the lower triangle of C in single precision with what it was made of. */
  async save(path: string): Promise<void> {
    await this.#write(
      path,
      "moment",
      mapped(this.sum, Float32Array, (value) => value / this.tokens),
    );
  }

  /** Stores Σ k kᵀ as it is, in double precision, so that counting can go on to the same bytes. */
  async saveSum(path: string): Promise<void> {
    await this.#write(path, "sum", this.sum);
  }

  async #write(path: string, name: string, data: Float32Array | Float64Array): Promise<void> {
    const { size, tokens, documents, provenance } = this;
    const metadata = { ...described(provenance, size, tokens), documents: String(documents) };
    await writeSafetensors(path, { [name]: { shape: [data.length], data } }, metadata);
  }

  /** Whether a stored second moment is of this size and making, by its header alone; `data` error otherwise. */
  static async check(path: string, size: number, made: Omit<Provenance, "corpus">): Promise<void> {
    requireMade(path, (await readSafetensorsMetadata(path)) ?? {}, { ...made, size });
  }

  /** Reads a stored second moment; `data` error if damaged or made of something else. */
  static async load(path: string, size: number, made: Omit<Provenance, "corpus">): Promise<SecondMoment> {
    const { tensors, metadata } = await readSafetensors(path);
    const packed = (tensors.get("sum") ?? tensors.get("moment"))?.data;
    requireMade(path, metadata, { ...made, size });
    const tokens = Number(metadata.tokens);
    if (packed?.length !== triangular(size, 0) || !(tokens > 0)) throw madeWithAnother(path, "format");
    const sums = packed instanceof Float64Array ? packed : mapped(packed, Float64Array, (value) => value * tokens);
    const provenance = { ...made, corpus: metadata.corpus ?? "" };
    return new SecondMoment(size, provenance, sums, tokens, Number(metadata.documents));
  }
}
