import { basename } from "node:path";
import * as v from "valibot";
import type { Concept } from "../../protocol/concept.ts";
import { RomeError, throwIfCancelled } from "../../protocol/errors.ts";
import { type PhrasedCard, type PhrasedCheck, phrasedCheck } from "../../protocol/phrasedCard.ts";
import { type CheckId, type ConstructionName, comparedVector, constructionNames } from "../../protocol/referee.ts";
import { type Run, within } from "../../protocol/run.ts";
import { labelsOf } from "../concept/concept.ts";
import { decodeVector, encodeVector } from "../rome/edit.ts";
import { checks } from "./checks.ts";
import { Besides } from "./collateral.ts";
import { compareVectors, type Pushes } from "./compare.ts";
import { both, constructed, recordedConstructions } from "./constructions.ts";
import { english } from "./english.ts";
import type { Evidence } from "./evidence.ts";
import { worstOf } from "./rates.ts";
import type { Push } from "./scene.ts";
import { Store } from "./store.ts";
import { sentencesOf } from "./summary.ts";
import { keepSolved } from "./taught.ts";
import type { RefereeCheck, Trial } from "./trial.ts";
import { universalPush } from "./universal.ts";

export interface RefereeOptions {
  /** The vector on trial. */
  readonly vector: ConstructionName;
  readonly skip: readonly CheckId[];
}

/**
 * The whole trial: vectors compared, then each check, then the card. Every part is kept as it is done, so that calling
 * it again goes on; a cancelled one leaves what was done.
 */
export async function referee(evidence: Evidence, { vector, skip }: RefereeOptions, run: Run): Promise<PhrasedCard> {
  const total = checks.length - skip.length + 2;
  let done = 0;
  const stage = (name: string): Run => {
    throwIfCancelled(run.signal);
    run.progress({ phase: name, done, total });
    return within(run, () => ({ phase: name, done, total }));
  };
  const store = storeOf(evidence);
  const pushes = await vectorsOf(evidence, store, stage("vectors"));
  const besides = await Besides.of(evidence, run);
  done++;
  const vectors = await store.get(
    `vectors-${vector}`,
    (kept) => v.parse(v.array(comparedVector), kept),
    () => compareVectors(evidence, besides, pushes, vector, stage("vectors")),
  );
  done++;
  const onTrial = vectors.find(({ name }) => name === vector);
  if (!onTrial)
    throw new RomeError("input", `There is no vector ${vector}. Choose one of ${constructionNames.join(", ")}.`);
  const trial = { push: pushes.get(vector) as Push, length: onTrial.length, besides };
  const results = await checksOf(evidence, { vector, skip }, trial, store, (id) => {
    const part = stage(id);
    done++;
    return part;
  });
  const skipped = skip.filter((id) => !results.some((result) => result.id === id));
  const best = vectors.reduce((a, b) => (worstOf(b.rates) > worstOf(a.rates) ? b : a)).name;
  const { concept, manifest, seed, settings } = evidence;
  const card = {
    schema: 1,
    summary: "",
    concept: { name: concept.name, prompt: concept.prompt, labels: labelsOf(concept) },
    model: manifest.model,
    layer: manifest.layer,
    seed,
    vector,
    length: onTrial.length,
    best,
    settings: { ...settings },
    checks: results,
    skipped,
    vectors,
  } satisfies Omit<PhrasedCard, "sentences">;
  const sentences = sentencesOf(card);
  return { ...card, summary: sentences.map(english).join(" "), sentences };
}

/** The checks that are wanted, and of the others those that were made before: a card tells all that is known. */
async function checksOf(
  evidence: Evidence,
  { vector, skip }: RefereeOptions,
  trial: Trial,
  store: Store,
  stage: (id: CheckId) => Run,
): Promise<PhrasedCheck[]> {
  const results: PhrasedCheck[] = [];
  const parse = (kept: unknown) => v.parse(phrasedCheck, kept);
  for (const one of checks) {
    const name = keptAs(one, vector);
    if (skip.includes(one.id)) {
      const known = await store.known(name, parse);
      if (known) results.push(known);
      continue;
    }
    const part = stage(one.id);
    results.push(await store.get(name, parse, () => one.run(evidence, trial, part)));
  }
  return results;
}

/** Under which name the results of a check are kept. */
export const keptAs = ({ id, procedure }: RefereeCheck, vector: ConstructionName) => `${id}-${vector}-${procedure}`;

/** Every vector; those that have to be solved are kept. */
async function vectorsOf(evidence: Evidence, store: Store, run: Run): Promise<Pushes> {
  const pushes = new Map<ConstructionName, Push>();
  for (const name of recordedConstructions) pushes.set(name, constructed(name, evidence.taught));
  for (const name of ["universalBox", "universal"] as const) {
    const parse = (kept: unknown) => v.parse(v.string(), kept);
    const make = async () => encodeVector((await universalPush(evidence, name === "universalBox", run)).plus);
    const push = both(decodeVector(await store.get(name, parse, make)));
    await keepSolved(evidence.folder, name, push);
    pushes.set(name, push);
  }
  return pushes;
}

/** Another number, another way of measuring: what was kept before is made again. A check has its own, too. */
const procedure = 4;

export function storeOf({ folder, manifest, report, concept, fresh, words, settings, seed }: Evidence): Store {
  const { fingerprint } = manifest.model;
  const about = { ...manifest, model: { fingerprint } };
  return new Store(
    folder,
    JSON.stringify({ procedure, about, split: report.seed, concept: placeless(concept), fresh, words, settings, seed }),
  );
}

/** Without the folders of its lists, which an update of the program moves. */
function placeless({ names, referee, ...rest }: Concept) {
  const { otherLanguages, ownedByNeither } = referee ?? {};
  const lists = [names?.file, names?.newNames, otherLanguages, ownedByNeither];
  return { ...rest, lists: lists.map((path) => path && basename(path)) };
}
