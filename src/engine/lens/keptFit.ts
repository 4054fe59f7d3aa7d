import { rm, stat } from "node:fs/promises";
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

/** Folder of a model's fit and of what is unfinished, in the folder of what is made of the model. */
export function fitFolder(cache: string): string {
  return join(cache, "jacobian-lens");
}

function fitFile(folder: string): string {
  return join(folder, "fit.safetensors");
}

/**
 * The fit that is kept; undefined where there is none.
 *
 * @throws RomeError "data" for one that is damaged, naming it
 */
export async function keptFit(model: Model, folder: string): Promise<Jacobian | undefined> {
  const file = fitFile(folder);
  const isThere = await stat(file).catch(() => undefined);
  if (!isThere) return undefined;
  return Jacobian.load(file, model.size, model.checkpoint.fingerprint).catch((cause) => {
    if (!RomeError.is(cause, "data")) throw cause;
    throw new RomeError("data", `${cause.message} Delete that file: the lens is fitted again then.`, { cause });
  });
}

/**
 * Fits the mean Jacobian over a text until it rests on enough tokens, and keeps it. What is summed is kept every so often
 * and when it is cancelled; the next call goes on from there, and one that asks for more tokens from what is finished.
 *
 * @throws RomeError "input" for more directions than the stream has components, "data" for a text without tokens, "disk" where it cannot be kept, "cancelled"
 */
export async function keepFit(
  model: Model,
  folder: string,
  { name, fingerprint: corpus, documents }: FitText,
  { tokens: asked, rank: askedRank }: FitOptions,
  run: Run,
): Promise<Jacobian> {
  const { width } = model.size;
  const rank = askedRank ?? defaultRank(model.size);
  if (rank > width)
    throw new RomeError("input", `A fit of this model has 1 to ${width} directions, not ${rank}. Choose fewer.`);
  const tokens = asked ?? tokensPerDirection * rank;
  const made = { model: model.checkpoint.fingerprint, corpus, text: name };
  const unfinished = join(folder, `${corpus.slice(0, 16)}-${rank}.safetensors`);
  const release = await lock(folder, { wait: { ...run, phase: "jacobian" } });
  try {
    const started = await mostSummed(model, corpus, rank, [unfinished, fitFile(folder)]);
    const jacobian = started ?? (await beginFit(model, made, documents, rank, run));
    if (started?.error && started.reached.tokens >= tokens) return started;
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
    await jacobian.save(fitFile(folder));
    await rm(unfinished, { force: true });
    return jacobian;
  } finally {
    await release();
  }
}

/** Of stored fits over this text along so many directions the one with most tokens; damaged ones are passed over. */
async function mostSummed(model: Model, corpus: string, rank: number, files: readonly string[]) {
  const loading = files.map((file) => Jacobian.load(file, model.size, model.checkpoint.fingerprint));
  const loaded = (await Promise.allSettled(loading)).flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const same = loaded.filter((one) => one.made.corpus === corpus && one.rank === rank);
  return same.sort((a, b) => b.reached.tokens - a.reached.tokens)[0];
}
