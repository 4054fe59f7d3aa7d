import { createHash } from "node:crypto";
import * as v from "valibot";
import { RomeError } from "../../protocol/errors.ts";
import { type LensFit, lensFit } from "../../protocol/lens.ts";
import type { ModelSize } from "../architectures/architecture.ts";
import { readSafetensors, writeSafetensors } from "../checkpoint/tensorFile.ts";

/** What a mean Jacobian is of. */
export interface Made {
  readonly model: string;
  /** Fingerprint of the text, and what it is called. */
  readonly corpus: string;
  readonly text: string;
}

const count = v.pipe(v.string(), v.transform(Number), v.integer(), v.minValue(0));
const metadataSchema = v.object({
  kind: v.literal("jacobian lens"),
  model: v.string(),
  corpus: v.string(),
  text: v.string(),
  tokens: count,
  distinct: count,
  documents: count,
  passes: count,
  /** See `sealOf`. */
  seal: v.string(),
  error: v.optional(v.pipe(v.string(), v.parseJson(), lensFit.entries.error.wrapped)),
});

/** How far fitting has come. */
export interface Reached {
  /** Products summed, one a token. */
  tokens: number;
  /** Tokens of the text that had any: those of the first pass. */
  distinct: number;
  /** Documents gone through, in this pass; and passes through the whole text before it. */
  documents: number;
  passes: number;
}

/**
 * The mean Jacobian Jₗ = E[∂h_last / ∂hₗ] of the stream h behind the last layer along that of the same token behind layer
 * l, over the tokens of a text. Along each direction q of a set, its row qᵀJₗ is the mean of the products that were summed;
 * across all of them Jₗ is taken for the identity, since every block adds to the stream. Anytime: it can be used after any
 * number of tokens, stored, and refined later.
 */
export class Jacobian {
  #means: Float32Array[] | undefined;
  /** Measured once it is fitted. */
  error: LensFit["error"];

  private constructor(
    readonly made: Made,
    readonly width: number,
    /** Orthonormal, [rank, d]; undefined where they are the components themselves. */
    readonly directions: Float32Array | undefined,
    /** Σ qᵀJ of each layer but the last [layers − 1, rank, d], and how many were summed [rank]. */
    readonly sums: Float32Array,
    readonly counts: Float32Array,
    readonly reached: Reached,
  ) {}

  static empty({ layers, width }: ModelSize, made: Made, directions?: Float32Array): Jacobian {
    const rank = directions ? directions.length / width : width;
    const sums = new Float32Array((layers - 1) * rank * width);
    const reached = { tokens: 0, distinct: 0, documents: 0, passes: 0 };
    return new Jacobian(made, width, directions, sums, new Float32Array(rank), reached);
  }

  /** What it rests on. */
  get fit(): LensFit {
    const { made, reached, rank, width, error } = this;
    const { text, corpus } = made;
    return { text, corpus, tokens: reached.tokens, distinct: reached.distinct, rank, width, ...(error && { error }) };
  }

  /** Directions along which products were summed. */
  get rank(): number {
    return this.counts.length;
  }

  /** Layers before the last. */
  get layers(): number {
    return this.sums.length / (this.rank * this.width);
  }

  /** A direction [d]. */
  direction(number: number): Float32Array {
    if (this.directions) return this.directions.subarray(number * this.width, (number + 1) * this.width);
    const unit = new Float32Array(this.width);
    unit[number] = 1;
    return unit;
  }

  /**
   * Adds a product of every layer.
   *
   * @param slopes of each layer [tokens, d]
   * @param token which of the rows
   */
  add(direction: number, slopes: readonly Float32Array[], token: number): void {
    const { width: d, rank, sums, counts } = this;
    for (const [layer, slope] of slopes.entries()) {
      const at = (layer * rank + direction) * d;
      for (let i = 0; i < d; i++) sums[at + i] = (sums[at + i] as number) + (slope[token * d + i] as number);
    }
    counts[direction] = (counts[direction] as number) + 1;
    this.reached.tokens++;
    if (this.reached.passes === 0) this.reached.distinct++;
    this.#means = undefined;
  }

  /** The mean rows of each layer [rank, d]; a direction without products is carried on as it is. */
  means(): readonly Float32Array[] {
    const { width: d, rank, sums, counts } = this;
    this.#means ??= Array.from({ length: this.layers }, (_, layer) => {
      const mean = sums.slice(layer * rank * d, (layer + 1) * rank * d);
      for (const [row, products] of counts.entries()) {
        if (products === 0) mean.set(this.direction(row), row * d);
        else for (let i = row * d; i < (row + 1) * d; i++) mean[i] = (mean[i] as number) / products;
      }
      return mean;
    });
    return this.#means;
  }

  /** Jₗ h for rows of a layer's stream [n, d]: h + Qᵀ(QJ − Q)h, with the directions Q. */
  carry(layer: number, stream: Float32Array): Float32Array {
    return this.#times(layer, stream, (rows, x, to) => {
      for (let row = 0; row < this.rank; row++) {
        const more = dotAt(rows, row * this.width, x) - this.#along(row, x);
        this.#addDirection(to, row, more);
      }
    });
  }

  /** Jₗᵀ v for rows [n, d]: what `slopesOf` would give if every token had this Jacobian. */
  carryBack(layer: number, probes: Float32Array): Float32Array {
    return this.#times(layer, probes, (rows, x, to) => {
      const d = this.width;
      for (let row = 0; row < this.rank; row++) {
        const share = this.#along(row, x);
        for (let i = 0; i < d; i++) to[i] = (to[i] as number) + share * (rows[row * d + i] as number);
        this.#addDirection(to, row, -share);
      }
    });
  }

  #times(
    layer: number,
    stream: Float32Array,
    change: (means: Float32Array, x: Float32Array, to: Float64Array) => void,
  ): Float32Array {
    const means = this.means()[layer];
    if (!means) return stream;
    const result = new Float32Array(stream.length);
    for (let at = 0; at < stream.length; at += this.width) {
      const x = stream.subarray(at, at + this.width);
      const to = Float64Array.from(x);
      change(means, x, to);
      result.set(to, at);
    }
    return result;
  }

  #along(row: number, x: Float32Array): number {
    return this.directions ? dotAt(this.directions, row * this.width, x) : (x[row] as number);
  }

  #addDirection(to: Float64Array, row: number, factor: number): void {
    const { directions, width: d } = this;
    if (!directions) to[row] = (to[row] as number) + factor;
    else for (let i = 0; i < d; i++) to[i] = (to[i] as number) + factor * (directions[row * d + i] as number);
  }

  /** @throws RomeError "disk" */
  async save(path: string): Promise<void> {
    const { made, directions, sums, counts, reached, rank, width, layers } = this;
    const numbers = Object.fromEntries(Object.entries(reached).map(([key, value]) => [key, String(value)]));
    const seal = sealOf(reached, directions, sums, counts);
    await writeSafetensors(
      path,
      {
        sums: { shape: [layers, rank, width], data: sums },
        counts: { shape: [rank], data: counts },
        ...(directions && { directions: { shape: [rank, width], data: directions } }),
      },
      {
        kind: "jacobian lens",
        ...made,
        ...numbers,
        seal,
        ...(this.error && { error: JSON.stringify(this.error) }),
      },
    );
  }

  /** @throws RomeError "data" for a file that is not there, damaged, or of another model */
  static async load(path: string, { layers, width }: ModelSize, model: string): Promise<Jacobian> {
    const { tensors, metadata } = await readSafetensors(path);
    const damaged = (what: string) => new RomeError("data", `${path} holds no Jacobian lens of this model: ${what}.`);
    const parsed = v.safeParse(metadataSchema, metadata);
    if (!parsed.success) throw damaged("what it says of itself is incomplete");
    const { kind: _, error, seal, tokens, distinct, documents, passes, ...made } = parsed.output;
    if (made.model !== model) throw damaged("it is of another one");
    const single = (name: string) => {
      const data = tensors.get(name)?.data;
      return data instanceof Float32Array ? data : undefined;
    };
    const [sums, counts, directions] = ["sums", "counts", "directions"].map(single);
    const rank = counts?.length ?? 0;
    const fits = sums?.length === (layers - 1) * rank * width && (directions?.length ?? width * width) === rank * width;
    if (!sums || !counts || !fits || ![sums, counts].every((numbers) => numbers.every(Number.isFinite)))
      throw damaged("its numbers are not whole");
    const reached = { tokens, distinct, documents, passes };
    if (seal !== sealOf(reached, directions, sums, counts)) throw damaged("its numbers are not those that were kept");
    const jacobian = new Jacobian(made, width, directions, sums, counts, reached);
    jacobian.error = error;
    return jacobian;
  }
}

/** SHA-256 (hex) over what is summed: a file that was damaged is not taken for a fit. */
function sealOf(
  { tokens, distinct, documents, passes }: Reached,
  ...numbers: readonly (Float32Array | undefined)[]
): string {
  const hash = createHash("sha256").update(JSON.stringify([tokens, distinct, documents, passes]));
  for (const part of numbers) if (part) hash.update(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
  return hash.digest("hex");
}

function dotAt(rows: Float32Array, offset: number, x: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += (rows[offset + i] as number) * (x[i] as number);
  return sum;
}
