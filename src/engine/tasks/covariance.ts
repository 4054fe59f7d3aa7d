import type { Run } from "../../protocol/run.ts";
import { defaultCorpus } from "../hub/defaultCorpus.ts";
import type { Counted } from "../rome/covarianceStore.ts";
import type { Engine } from "./engine.ts";

export interface CovarianceParams {
  /** Text files, or folders of .txt files; none: the model's own corpus, or else WikiText-2 of the Hub. */
  readonly texts: readonly string[];
  /** Left out: the layer that edits change. */
  readonly layer?: number;
  /** Tokens to rest on; left out: 10 per component of a key. */
  readonly tokens?: number;
}

/** Counts the second moment of a layer's keys over texts, going on where an earlier call stopped. */
export async function covariance(
  engine: Engine,
  { texts, layer: asked, tokens }: CovarianceParams,
  run: Run,
): Promise<Counted> {
  const { rome } = await engine.open();
  const layer = rome.parameters(asked === undefined ? {} : { layers: [asked] }).layers[0] as number;
  const own = texts.length > 0 || (await rome.covariances.ownCorpus()) !== undefined;
  const counted = own ? texts : [await defaultCorpus(engine.options.storageFolder, run)];
  return rome.covariances.count(counted, { layer, tokens }, run);
}
