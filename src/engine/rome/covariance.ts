import { readSafetensors, writeSafetensors } from "../checkpoint/tensorFile.ts";
import { RomeError, throwIfCancelled } from "../errors.ts";
import { padLeft } from "../model/generate.ts";
import type { Model } from "../model/model.ts";
import { Cholesky } from "./cholesky.ts";

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

/**
 * C = E[k kᵀ], the uncentred second moment of a layer's keys over the tokens of a text (Meng et al. 2022, eq. 2).
 * Anytime: it can be used after any number of tokens, stored, and refined later.
 */
export class SecondMoment {
  #factor: Cholesky | undefined;

  private constructor(
    /** m: length of a key. */
    readonly size: number,
    readonly provenance: Provenance,
    /** Σ k kᵀ [m, m], in double precision. */
    readonly sum: Float64Array,
    public tokens: number,
    /** Documents of the corpus already counted. */
    public documents: number,
  ) {}

  static empty(size: number, provenance: Provenance): SecondMoment {
    return new SecondMoment(size, provenance, new Float64Array(size * size), 0, 0);
  }

  /** From a matrix given as a whole, e.g. a file made elsewhere: C [m, m]. */
  static of(matrix: ArrayLike<number>, size: number, tokens: number, provenance: Provenance): SecondMoment {
    return new SecondMoment(
      size,
      provenance,
      Float64Array.from(matrix, (value) => value * tokens),
      tokens,
      0,
    );
  }

  /** u ∝ C⁻¹ k, not yet of length 1 [m]. */
  whiten(key: ArrayLike<number>): Float64Array {
    this.#factor ??= new Cholesky(this.#regularised(), this.size);
    return this.#factor.solve(key);
  }

  #regularised(): Float64Array {
    const { size, sum, tokens } = this;
    if (tokens === 0) throw new RomeError("data", "The covariance rests on no tokens yet.");
    const matrix = sum.map((value) => value / tokens);
    let trace = 0;
    for (let i = 0; i < size; i++) trace += matrix[i * size + i] as number;
    for (let i = 0; i < size; i++) matrix[i * size + i] = (matrix[i * size + i] as number) + (ridge * trace) / size;
    return matrix;
  }

  /** Counts documents on, from where it stopped, until it rests on `tokens` tokens or the corpus ends. */
  async refine(
    model: Model,
    corpus: readonly string[],
    {
      tokens,
      signal,
      onProgress,
    }: { tokens: number; signal?: AbortSignal; onProgress?: (tokens: number) => void | Promise<void> },
  ): Promise<void> {
    const { layer } = this.provenance;
    while (this.tokens < tokens && this.documents < corpus.length) {
      throwIfCancelled(signal);
      const batch: number[][] = [];
      let [length, next] = [0, this.documents];
      for (; next < corpus.length; next++) {
        const ids = model.tokenizer.encode(corpus[next] as string).slice(0, model.size.positions);
        const longest = Math.max(length, ids.length);
        if (batch.length > 0 && longest * (batch.length + 1) > tokensPerRun) break;
        if (ids.length > 0) batch.push(ids);
        length = longest;
      }
      if (batch.length > 0) {
        const { moment } = await model.forward(
          { to: layer, moment: true },
          { tokens: padLeft(batch, length) },
          { signal },
        );
        for (let i = 0; i < moment.length; i++) this.sum[i] = (this.sum[i] as number) + (moment[i] as number);
        this.tokens += batch.reduce((total, ids) => total + ids.length, 0);
        this.#factor = undefined;
      }
      this.documents = next;
      await onProgress?.(this.tokens);
    }
  }

  /** Stores the lower triangle of C in single precision with what it was made of. */
  async save(path: string): Promise<void> {
    await this.#write(path, "moment", this.#packed(new Float32Array(this.#length), this.tokens));
  }

  /** Stores Σ k kᵀ as it is, in double precision, so that counting can go on to the same bytes. */
  async saveSum(path: string): Promise<void> {
    await this.#write(path, "sum", this.#packed(new Float64Array(this.#length), 1));
  }

  get #length(): number {
    return (this.size * (this.size + 1)) / 2;
  }

  /** The lower triangle, row by row, divided by `divisor`. */
  #packed<T extends Float32Array | Float64Array>(packed: T, divisor: number): T {
    for (let i = 0, at = 0; i < this.size; i++)
      for (let j = 0; j <= i; j++) packed[at++] = (this.sum[i * this.size + j] as number) / divisor;
    return packed;
  }

  async #write(path: string, name: string, data: Float32Array | Float64Array): Promise<void> {
    const { size, tokens, documents } = this;
    const { layer, ...names } = this.provenance;
    await writeSafetensors(
      path,
      { [name]: { shape: [data.length], data } },
      { ...names, layer: String(layer), size: String(size), tokens: String(tokens), documents: String(documents) },
    );
  }

  /** Reads a stored second moment; `data` error if damaged or made of something else. */
  static async load(path: string, size: number, made: Omit<Provenance, "corpus">): Promise<SecondMoment> {
    const { tensors, metadata } = await readSafetensors(path);
    const sum = tensors.get("sum")?.data;
    const packed = sum ?? tensors.get("moment")?.data;
    const expected = { ...made, size };
    const differs = Object.entries(expected).filter(([key, value]) => metadata[key] !== String(value));
    const tokens = Number(metadata.tokens);
    if (differs.length > 0 || packed?.length !== (size * (size + 1)) / 2 || !(tokens > 0))
      throw new RomeError(
        "data",
        `The covariance in ${path} was made with another ${differs.map(([key]) => key).join(", ") || "format"}.`,
      );
    const moment = SecondMoment.empty(size, { ...made, corpus: metadata.corpus ?? "" });
    for (let i = 0, at = 0; i < size; i++)
      for (let j = 0; j <= i; j++, at++) {
        const value = (packed[at] as number) * (sum ? 1 : tokens);
        moment.sum[i * size + j] = value;
        moment.sum[j * size + i] = value;
      }
    moment.tokens = tokens;
    moment.documents = Number(metadata.documents);
    return moment;
  }
}
