import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { RomeError } from "../../protocol/errors.ts";
import type { Run } from "../../protocol/run.ts";
import { lock } from "../files/lock.ts";
import type { Model } from "../model/model.ts";
import { onceAMinute } from "../run/onceAMinute.ts";
import { beginFit, type Documents, defaultRank, measureFit, refineFit } from "./fit.ts";
import { Jacobian } from "./jacobian.ts";

/** A text to fit over, and what it is called. */
export interface FitText {
  readonly name: string;
  readonly fingerprint: string;
  readonly documents: Documents;
}

export interface FitOptions {
  /** Tokens to rest on; left out: 10 a direction. */
  readonly tokens?: number;
  /** Directions along which products are summed; left out: one a component, or as many as fit into 512 MB. */
  readonly rank?: number;
}

const tokensPerDirection = 10;
/** Behind the name of a fit that is being made. */
const ofUnfinished = ".unfinished";

/** Folder of a model's fits and of what is unfinished, in the folder of what is made of the model. */
export function fitFolder(cache: string): string {
  return join(cache, "jacobian-lens");
}

/** What tells a fit from every other one of its model: it is a function of these. */
interface Parameters {
  readonly corpus: string;
  readonly rank: number;
  readonly tokens: number;
}

/** @throws RomeError "input" for more directions than the stream has components */
function parametersOf({ size }: Model, { fingerprint: corpus }: FitText, asked: FitOptions): Parameters {
  const rank = asked.rank ?? defaultRank(size);
  if (rank > size.width)
    throw new RomeError("input", `A fit of this model has 1 to ${size.width} directions, not ${rank}. Choose fewer.`);
  return { corpus, rank, tokens: asked.tokens ?? tokensPerDirection * rank };
}

const nameStart = ({ corpus, rank }: Parameters) => `${corpus.slice(0, 16)}-${rank}-`;

/** Every fit has its own file, so that none replaces another. */
function fitFile(folder: string, parameters: Parameters): string {
  return join(folder, `${nameStart(parameters)}${parameters.tokens}.safetensors`);
}

/**
 * The fit with these parameters that is kept; undefined where there is none.
 *
 * @throws RomeError "data" for one that is damaged, naming it, "input" for more directions than the stream has components
 */
export async function keptFit(
  model: Model,
  folder: string,
  text: FitText,
  options: FitOptions,
): Promise<Jacobian | undefined> {
  const file = fitFile(folder, parametersOf(model, text, options));
  const isThere = await stat(file).catch(() => undefined);
  if (!isThere) return undefined;
  return Jacobian.load(file, model.size, model.checkpoint.fingerprint).catch((cause) => {
    if (!RomeError.is(cause, "data")) throw cause;
    throw new RomeError("data", `${cause.message} Delete that file: the lens is fitted again then.`, { cause });
  });
}

/**
 * Fits the mean Jacobian over a text until it rests on enough tokens, and keeps it. What is summed is kept every so often
 * and when it is cancelled; the next call goes on from there, and one that asks for more tokens from what is finished. A
 * damaged file is made again.
 *
 * @throws RomeError "input" for more directions than the stream has components, "data" for a text without tokens, "disk" where it cannot be kept, "cancelled"
 */
export async function keepFit(
  model: Model,
  folder: string,
  text: FitText,
  options: FitOptions,
  run: Run,
): Promise<Jacobian> {
  const parameters = parametersOf(model, text, options);
  const { corpus, rank, tokens } = parameters;
  const { documents } = text;
  const made = { model: model.checkpoint.fingerprint, corpus, text: text.name };
  const file = fitFile(folder, parameters);
  const unfinished = `${file}${ofUnfinished}`;
  const release = await lock(folder, { wait: { ...run, phase: "jacobian" } });
  try {
    const finished = await load(model, file, corpus);
    if (finished) return finished;
    const started = await mostSummed(model, folder, parameters);
    const jacobian = started ?? (await beginFit(model, made, documents, rank, run));
    jacobian.error = undefined;
    const onAdded = onceAMinute(() => jacobian.save(unfinished));
    try {
      if (!(await refineFit(model, jacobian, documents, { tokens, onAdded }, run)) || jacobian.rank === 0)
        throw new RomeError("data", "The text holds no tokens.");
      jacobian.error = await measureFit(model, jacobian, documents, run);
    } catch (error) {
      if (error instanceof RomeError && jacobian.reached.tokens > 0) await jacobian.save(unfinished);
      throw error;
    }
    await jacobian.save(file);
    await rm(unfinished, { force: true });
    return jacobian;
  } finally {
    await release();
  }
}

/** Of stored fits with these parameters, or with fewer tokens, the one with most products; damaged ones are passed over. */
async function mostSummed(model: Model, folder: string, parameters: Parameters): Promise<Jacobian | undefined> {
  const start = nameStart(parameters);
  const names = (await readdir(folder)).filter(
    (name) => name.startsWith(start) && Number.parseInt(name.slice(start.length), 10) <= parameters.tokens,
  );
  const loaded = await Promise.all(names.map((name) => load(model, join(folder, name), parameters.corpus)));
  return loaded.flatMap((one) => one ?? []).sort((a, b) => b.reached.tokens - a.reached.tokens)[0];
}

/** A stored fit over this text; undefined where it is not there or damaged. */
async function load(model: Model, file: string, corpus: string): Promise<Jacobian | undefined> {
  const loaded = await Jacobian.load(file, model.size, model.checkpoint.fingerprint).catch(() => undefined);
  return loaded?.made.corpus === corpus ? loaded : undefined;
}
