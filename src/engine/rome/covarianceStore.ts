import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { RomeError } from "../../protocol/errors.ts";
import type { Run } from "../../protocol/run.ts";
import { readSafetensorsMetadata } from "../checkpoint/tensorFile.ts";
import { unwritable } from "../files/atomicWrite.ts";
import { makeFolder } from "../files/makeFolder.ts";
import type { Model } from "../model/model.ts";
import { onceAMinute } from "../run/onceAMinute.ts";
import { Shared } from "../run/shared.ts";
import { fingerprintOf, openTexts, readCorpus } from "./corpus.ts";
import { Covariance, type Provenance, SecondMoment } from "./covariance.ts";
import { noteUnkept } from "./unkept.ts";

/** Which covariance: none, the stored or freshly counted one, or a file made by `save`. */
export type CovarianceChoice = "none" | "auto" | { readonly file: string };

export interface CountOptions {
  readonly layer: number;
  /** Tokens to rest on. */
  readonly tokens?: number;
}

/** A stored second moment: its layer, the tokens it rests on, where it lies, and the fingerprint of its text. */
export interface Counted {
  readonly layer: number;
  readonly tokens: number;
  readonly file: string;
  readonly corpus: string;
}

/** Tokens of the default corpus that the covariance rests on, per component of a key. */
const tokensPerComponent = 10;

/** Second moments of one model's keys: loaded or counted, factored once, and kept. */
export class CovarianceStore {
  readonly #factored = new Shared<Covariance | undefined>();

  constructor(
    readonly model: Model,
    /** Folder for what is made here; see `cacheOf`. */
    readonly cache: string,
  ) {}

  /**
   * The second moment of a layer's keys; undefined for "none", and for "auto" where there is no corpus to count.
   *
   * @throws RomeError "data" for a file that is damaged or of another model, naming it; "cancelled"
   */
  async of(choice: CovarianceChoice, layer: number, run: Run): Promise<Covariance | undefined> {
    if (choice === "none") return undefined;
    if (typeof choice !== "object") return this.#factored.get(`${layer}`, (making) => this.#auto(layer, making), run);
    const { file } = choice;
    return this.#factored.get(`${layer} ${file}`, (making) => this.#load(file, layer, making), run);
  }

  /** Makes sure, by the header alone, that a chosen file is a second moment of the layer's keys; errors as of `of`. */
  async check(choice: CovarianceChoice | undefined, layer: number): Promise<void> {
    if (typeof choice === "object") await SecondMoment.check(choice.file, this.model.size.inner, this.#made(layer));
  }

  /** Tokens that a layer's stored second moment rests on; 0 where "auto" would have to count it. */
  async tokensOf(layer: number): Promise<number> {
    for (const place of this.#places(layer)) {
      const metadata = await readSafetensorsMetadata(place).catch(() => undefined);
      if (metadata) return Number(metadata.tokens);
    }
    return 0;
  }

  #places(layer: number): string[] {
    const name = `covariance-layer${layer}.safetensors`;
    return [join(this.model.checkpoint.folder, name), join(this.cache, name)];
  }

  async #auto(layer: number, run: Run): Promise<Covariance | undefined> {
    for (const place of this.#places(layer)) {
      if (!(await isThere(place))) continue;
      return await this.#load(place, layer, run).catch((cause) => {
        if (!RomeError.is(cause, "data") && !RomeError.is(cause, "checkpoint")) throw cause;
        const advice = "Delete that file, or choose another with --covariance (none does without).";
        throw new RomeError("data", `${place} cannot be used: ${cause.message} ${advice}`, { cause });
      });
    }
    const corpus = await this.ownCorpus();
    if (!corpus) return undefined;
    const { inner } = this.model.size;
    const moment = SecondMoment.empty(inner, { ...this.#made(layer), corpus: fingerprintOf(corpus) });
    await moment.refine(this.model, corpus, { tokens: tokensPerComponent * inner }, run);
    const place = join(this.cache, `covariance-layer${layer}.safetensors`);
    const isKept = await makeFolder(this.cache)
      .then(() => moment.save(place))
      .then(() => true)
      .catch(() => noteUnkept(this.cache));
    // What is stored is rounded: the first edits rest on the same numbers as all later ones.
    if (isKept) return this.#load(place, layer, run);
    return this.#factorOf(moment, layer, run);
  }

  /** A stored second moment made ready for edits. */
  async #load(place: string, layer: number, run: Run): Promise<Covariance> {
    const known = await Covariance.load(this.#factorPath(layer), place);
    if (known) return known;
    return this.#factorOf(await SecondMoment.load(place, this.model.size.inner, this.#made(layer)), layer, run);
  }

  #factorPath(layer: number): string {
    return join(this.cache, `factor-layer${layer}.safetensors`);
  }

  /** The factor is kept, where the disk has room: with 1,024 rows it would be a tenth of each flip, with 16,384 a minute. */
  async #factorOf(moment: SecondMoment, layer: number, run: Run): Promise<Covariance> {
    const covariance = await moment.factor({ threads: this.model.options.threads }, run);
    await makeFolder(this.cache)
      .then(() => covariance.save(this.#factorPath(layer), moment.provenance))
      .catch(() => undefined);
    return covariance;
  }

  /**
   * Counts the second moment of a layer's keys over texts, until it rests on `tokens` or the texts end, and stores it
   * where "auto" finds it. What is counted is kept every so often and when it is cancelled; it goes on from there.
   *
   * @param texts files or folders; none: the model's own corpus
   * @throws RomeError "data" for texts that are not there or too short, and where a count over more tokens of another
   * text would be replaced; "disk" where it cannot be stored, "cancelled"
   */
  async count(texts: readonly string[], count: CountOptions, run: Run): Promise<Counted> {
    const { model, cache } = this;
    const { layer, tokens = tokensPerComponent * model.size.inner } = count;
    const own = await this.ownCorpus();
    if (texts.length === 0 && !own)
      throw new RomeError("input", "This model brings no corpus. Name a text file: rome covariance FILE");
    const named = texts.length > 0 ? await openTexts(texts, run) : undefined;
    const corpus = named?.fingerprint ?? fingerprintOf(own as string[]);
    const made = { ...this.#made(layer), corpus };
    const file = join(cache, `covariance-layer${layer}.safetensors`);
    await keepLarger(file, corpus, tokens);
    const unfinished = `${file}.${corpus.slice(0, 16)}.sum`;
    await makeFolder(cache).catch((error) => {
      throw unwritable(cache, error);
    });
    const stored = await SecondMoment.load(unfinished, model.size.inner, this.#made(layer)).catch(() => undefined);
    const moment = stored && stored.tokens <= tokens ? stored : SecondMoment.empty(model.size.inner, made);
    const onCounted = onceAMinute(() => moment.saveSum(unfinished));
    try {
      await moment.refine(model, named?.documents() ?? (own as string[]), { tokens, onCounted }, run);
      await keepLarger(file, corpus, moment.tokens);
    } catch (error) {
      if (error instanceof RomeError && moment.tokens > 0) await moment.saveSum(unfinished);
      throw error;
    }
    requireEnough(moment.tokens, { tokens, components: model.size.inner });
    await moment.save(file);
    await rm(unfinished, { force: true });
    this.#factored.forget(`${layer}`);
    return { layer, tokens: moment.tokens, file, corpus };
  }

  /** The text that lies in the model's folder, a document each; undefined where there is none. */
  ownCorpus(): Promise<string[] | undefined> {
    return readCorpus(join(this.model.checkpoint.folder, "corpus.txt"));
  }

  #made(layer: number): Omit<Provenance, "corpus"> {
    return { model: this.model.checkpoint.fingerprint, layer };
  }
}

/** Refuses texts that end before every component of a key can have been seen: their second moment cannot be inverted. */
function requireEnough(counted: number, { tokens, components }: { tokens: number; components: number }): void {
  if (counted === 0) throw new RomeError("data", "The text holds no tokens.");
  if (counted >= Math.min(tokens, components)) return;
  const [had, least] = [counted, components].map((count) => count.toLocaleString("en"));
  throw new RomeError(
    "data",
    `The text holds ${had} tokens; a key has ${least} components, and its covariance needs as many tokens at least. Name more text.`,
  );
}

/** Refuses to replace a second moment that rests on more tokens of another text. */
async function keepLarger(file: string, corpus: string, tokens: number): Promise<void> {
  const there = await readSafetensorsMetadata(file).catch(() => undefined);
  if (!there || there.corpus === corpus || !(Number(there.tokens) > tokens)) return;
  const [more, fewer] = [Number(there.tokens), tokens].map((count) => count.toLocaleString("en"));
  throw new RomeError(
    "data",
    `${file} rests on ${more} tokens of another text, more than the ${fewer} of this one. Delete it, or count more tokens.`,
  );
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
