import { resolve } from "node:path";
import * as v from "valibot";
import { RomeError } from "../../protocol/errors.ts";
import type { PhrasedCard } from "../../protocol/phrasedCard.ts";
import {
  type Check,
  type CheckId,
  type ConstructionName,
  check,
  checkIds,
  type RefereeCard,
  type RefereePlan,
  refereeCard,
} from "../../protocol/referee.ts";
import type { Run } from "../../protocol/run.ts";
import { readExperimentNames } from "../concept/names.ts";
import { defaultSeed, requireFresh } from "../experiment/experiment.ts";
import { Pieces } from "../files/pieces.ts";
import { type Shard, stepsOf } from "../files/shard.ts";
import { writeCard } from "../referee/cardFile.ts";
import { cardCsv, cardCsvHeader, cardMarkdown, cardTex } from "../referee/cardTables.ts";
import { type Evidence, gather, openData } from "../referee/evidence.ts";
import { planOf } from "../referee/plan.ts";
import { type RefereeOptions, referee as tryVector } from "../referee/referee.ts";
import { type RefereeSettings, usualSettings } from "../referee/settings.ts";
import { wordsFor } from "../referee/words.ts";
import type { Engine } from "./engine.ts";
import { json, type Part, type Writers } from "./outputs.ts";
import type { TransferParams } from "./transfer.ts";

export interface RefereeParams extends TransferParams {
  /** The vector on trial; left out: sign(w). */
  readonly vector?: ConstructionName;
  readonly settings?: Partial<RefereeSettings>;
  readonly skip?: readonly CheckId[];
  /** Only these checks. */
  readonly only?: readonly CheckId[];
  /** Folder that tells which checks are made, where shards make them. */
  readonly keep?: string;
}

/** Of the files that the command line writes once it has the card. */
export const refereeWriters: Writers<RefereeCard> = {
  name: "a verdict card",
  schema: refereeCard,
  formats: { ".json": json, ".md": cardMarkdown, ".tex": cardTex, ".csv": cardCsv },
  header: cardCsvHeader,
};

/** Tries what a recorded direction is worth: vectors compared, eight checks, the verdict card. */
export async function referee(engine: Engine, params: RefereeParams, run: Run): Promise<RefereeCard> {
  return inEnglish(await phrasedReferee(engine, params, run));
}

/** The same, for a reader of any language; what is written to files is English. */
export async function phrasedReferee(engine: Engine, params: RefereeParams, run: Run): Promise<PhrasedCard> {
  const { evidence, options } = await begin(engine, params, run);
  const card = await tryVector(evidence, options, run);
  await writeCard(params.folder, inEnglish(card));
  if (params.keep !== undefined) await (await refereePieces(evidence, params.keep, options)).finish(inEnglish(card));
  return card;
}

/** Without its phrases. */
const inEnglish = (card: PhrasedCard): RefereeCard => v.parse(refereeCard, card);

/**
 * The vectors, which all checks rest on, and a shard's checks, kept beside the data set and in pieces (of no shard: the
 * vectors alone): whoever calls `referee` afterwards finds them made.
 */
export async function refereeShard(
  engine: Engine,
  params: RefereeParams & { readonly keep: string },
  shard: Shard | undefined,
  run: Run,
): Promise<Part> {
  const { evidence, options } = await begin(engine, params, run);
  const wanted = checkIds.filter((id) => !options.skip.includes(id));
  const mine = shard ? stepsOf(shard, wanted.length) : [];
  const only = async (ids: readonly CheckId[]) =>
    (await tryVector(evidence, { ...options, skip: checkIds.filter((id) => !ids.includes(id)) }, run)).checks.filter(
      ({ id }) => ids.includes(id),
    );
  if (!shard) await only([]);
  const pieces = await refereePieces(evidence, params.keep, options);
  for (const step of mine)
    await pieces.get(step, async () => v.parse(check, (await only([wanted[step] as CheckId]))[0]));
  return { done: mine.length, total: wanted.length };
}

function refereePieces(evidence: Evidence, keep: string, options: RefereeOptions): Promise<Pieces<Check>> {
  const count = checkIds.length - options.skip.length;
  return Pieces.open(keep, { what: "a trial", count, of: keptOf(evidence, options) }, check);
}

/** What a folder of checks is of. */
function keptOf(
  {
    manifest,
    report,
    folder,
    concept,
    words,
    settings,
    seed,
  }: Pick<Evidence, "manifest" | "report" | "folder" | "concept" | "words" | "settings" | "seed">,
  { vector, skip }: RefereeOptions,
) {
  const model = manifest.model.fingerprint;
  return { model, folder: resolve(folder), split: report.seed, concept, words, settings, seed, vector, skip };
}

/**
 * Makes sure, before others are to do it, that a trial can be made with these parameters; nothing is run on the model,
 * so that the new names are not asked for their labels.
 *
 * @throws RomeError as `referee` itself
 */
export async function checkReferee(engine: Engine, params: RefereeParams): Promise<void> {
  const { options, ...about } = await aboutOf(engine, params);
  requireFresh(about.names.fresh);
  const found = { ...about, ...(await openData(params.folder, about.rome)) };
  if (params.keep !== undefined) await Pieces.check(params.keep, { what: "a trial", of: keptOf(found, options) });
}

/** What the trial is going to do, with what is done already, and how long the rest may take. */
export async function refereePlan(engine: Engine, params: RefereeParams, run: Run): Promise<RefereePlan> {
  const { evidence, options } = await begin(engine, params, run);
  return planOf(evidence, options, run);
}

async function begin(engine: Engine, params: RefereeParams, run: Run) {
  const { rome, options, concept, ...about } = await aboutOf(engine, params);
  const evidence = await gather(rome, concept, { ...about, covariance: params.covariance }, run);
  return { evidence, options };
}

/** What a trial is about, before the model is asked anything. */
async function aboutOf(engine: Engine, params: RefereeParams) {
  const { folder, namesFile, newNamesFile, seed = defaultSeed, vector = "sign", only, skip = [] } = params;
  if (only && skip.length > 0) throw new RomeError("input", "Give checks to skip or the only ones to make, not both.");
  const { concept } = engine;
  const names = await readExperimentNames(concept, seed, { file: namesFile, newNames: newNamesFile });
  const { rome } = await engine.open();
  const settings = { ...usualSettings, ...defined(params.settings) };
  const left = checkIds.filter((id) => (only ? !only.includes(id) : skip.includes(id)));
  const options: RefereeOptions = { vector, skip: left };
  return { rome, concept, folder, names, words: wordsFor(concept), settings, seed, options };
}

/** Without the fields that are undefined. */
function defined<T extends object>(part: T = {} as T): T {
  return Object.fromEntries(Object.entries(part).filter(([, value]) => value !== undefined)) as T;
}
