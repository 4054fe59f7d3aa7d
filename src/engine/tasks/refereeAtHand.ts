import { cp } from "node:fs/promises";
import { join } from "node:path";
import type { Params } from "../../protocol/engine.ts";
import type { PhrasedCard } from "../../protocol/phrasedCard.ts";
import type { Run } from "../../protocol/run.ts";
import { makeFolder } from "../files/makeFolder.ts";
import { quickSettings, usualSettings } from "../referee/settings.ts";
import { type Engine, type Recorded, shippedExperiment } from "./engine.ts";
import { phrasedReferee } from "./referee.ts";

/** Tries the vector of the data set at hand; what is kept of a shipped one lies in the storage, with a copy of it. */
export async function refereeAtHand(
  engine: Engine,
  { vector, size, skip }: Params<"refereeAtHand">,
  run: Run,
): Promise<PhrasedCard> {
  const folder = await ownFolder(engine, await engine.recorded());
  const settings = size === "quick" ? quickSettings : usualSettings;
  return phrasedReferee(engine, { folder, vector, skip, settings }, run);
}

async function ownFolder({ options }: Engine, { folder, manifest }: Recorded): Promise<string> {
  if (folder !== shippedExperiment(options.assetsFolder)) return folder;
  const own = join(options.storageFolder, "referee", manifest.model.fingerprint.slice(0, 16));
  await makeFolder(own);
  await cp(folder, own, { recursive: true });
  return own;
}
