import { RomeError } from "../../protocol/errors.ts";
import type { CountedText } from "../../protocol/preparation.ts";
import type { Run } from "../../protocol/run.ts";
import { requireSpace } from "../files/diskSpace.ts";
import { defaultCorpus, keptCorpus } from "../hub/defaultCorpus.ts";
import type { Scene } from "./scene.ts";

/** The second moment in single precision, its unfinished sum in double, and the factor where it is kept. */
export function momentBytes(m: number): number {
  return 6 * m * (m + 1) + (m >= 4096 ? 8 * m * m : 0);
}

/** The text that is counted, in words. */
export async function textToCount({ texts, rome }: Scene, storage: string): Promise<string> {
  if (texts.length > 0) return texts.join(", ");
  if (await rome.covariances.ownCorpus()) return "the model's corpus.txt";
  return (await keptCorpus(storage)) ? "WikiText-2, fetched before" : "WikiText-2, fetched from the Hub (6 MB)";
}

/**
 * Step: the second moment of the layer's keys, over the given texts, the model's own, or the usual one of the Hub. Where
 * no text can be had, edits go without until it is tried again.
 */
export async function findCovariance(
  { rome, texts, kept }: Scene,
  layer: number,
  storage: string,
  run: Run,
): Promise<CountedText> {
  const { covariances } = rome;
  const there = await covariances.tokensOf(layer);
  if (there > 0) return { layer, tokens: there, note: "It was there already." };
  await kept.keep({});
  const advice = "Free some space, or leave it out: --skip covariance.";
  await requireSpace(covariances.cache, momentBytes(rome.model.size.inner), "The covariance takes up to", advice);
  try {
    const own = texts.length > 0 || (await covariances.ownCorpus()) !== undefined;
    const counted = await covariances.count(own ? texts : [await defaultCorpus(storage, run)], { layer }, run);
    return { layer, tokens: counted.tokens, note: "" };
  } catch (error) {
    if (!RomeError.is(error, "network")) throw error;
    return {
      layer,
      tokens: 0,
      note: `No text could be had to count it over (${error.message}) Prepare again with --text FILE, or once the Hub is reached: it is counted then, and the numbers that rest on it are compared anew.`,
    };
  }
}

/** Why edits go with it or without it, in a sentence. */
export function covarianceReason(counted: CountedText | undefined, layer: number, wanted: boolean): string {
  if (!counted || counted.layer !== layer) return `As before (${wanted ? "on" : "off"}): it was not counted.`;
  if (counted.tokens === 0) return `Off. ${counted.note}`;
  return `On: the keys of layer ${layer} over ${counted.tokens.toLocaleString("en")} tokens. ${counted.note}`.trim();
}
