import { createHash } from "node:crypto";
import { basename } from "node:path";
import * as v from "valibot";
import type { Concept } from "../../protocol/concept.ts";
import { RomeError, throwIfCancelled } from "../../protocol/errors.ts";
import { type PhrasedCard, type PhrasedCheck, phrasedCheck } from "../../protocol/phrasedCard.ts";
import { type CheckId, type ConstructionName, constructionNames } from "../../protocol/referee.ts";
import { type Run, within } from "../../protocol/run.ts";
import { labelsOf } from "../concept/concept.ts";
import { decodeVector, encodeVector } from "../rome/edit.ts";
import { checks } from "./checks.ts";
import { Besides } from "./collateral.ts";
import { compareVectors, type Pushes } from "./compare.ts";
import { both, constructed, recordedConstructions } from "./constructions.ts";
import { english } from "./english.ts";
import type { Evidence } from "./evidence.ts";
import { bestBefore } from "./lead.ts";
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
  const vectors = await compareVectors(evidence, besides, pushes, vector, store, stage("vectors"));
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
  const { concept, manifest, seed } = evidence;
  const card = {
    schema: 1,
    summary: "",
    concept: { name: concept.name, prompt: concept.prompt, labels: labelsOf(concept) },
    model: manifest.model,
    layer: manifest.layer,
    seed,
    vector,
    length: onTrial.length,
    best: bestBefore(vectors, onTrial).name,
    settings: sizesOf(evidence),
    checks: results,
    skipped,
    vectors,
  } satisfies Omit<PhrasedCard, "sentences">;
  const sentences = sentencesOf(card);
  return { ...card, summary: sentences.map(english).join(" "), sentences };
}

/** How much was asked, as far as there was so much. */
function sizesOf({ settings, judged, others, concept, train }: Evidence): Record<string, number> {
  const { otherLanguages, ownedByNeither } = concept.referee ?? {};
  const further = otherLanguages || ownedByNeither ? settings.others : others.length;
  return {
    ...settings,
    names: Math.min(settings.names, judged.subjects.names.length),
    others: further,
    records: Math.min(settings.records, train.length),
    universal: Math.min(settings.universal, train.length),
  };
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

/** The vectors that have to be solved. */
export const solvedConstructions = ["universalBox", "universal"] as const;
/** A vector that was solved, and its mean loss. */
const solved = v.object({ vector: v.string(), loss: v.number() });

/** Whether a vector that has to be solved is kept already. */
export async function isSolved(store: Store, name: ConstructionName): Promise<boolean> {
  return (await store.known(name, (kept) => v.parse(solved, kept))) !== undefined;
}

/** Every vector; those that have to be solved are kept. */
async function vectorsOf(evidence: Evidence, store: Store, run: Run): Promise<Pushes> {
  const pushes = new Map<ConstructionName, Push>();
  for (const name of recordedConstructions) pushes.set(name, constructed(name, evidence.taught));
  for (const name of solvedConstructions) {
    const parse = (kept: unknown) => v.parse(solved, kept);
    const make = async () => {
      const { plus, loss } = await universalPush(evidence, name === "universalBox", run);
      return { vector: encodeVector(plus), loss };
    };
    const push = both(decodeVector((await store.get(name, parse, make)).vector));
    await keepSolved(evidence.folder, name, push);
    pushes.set(name, push);
  }
  return pushes;
}

/** Another number, another way of measuring: what was kept before is made again. A check has its own, too. */
const procedure = 5;

export function storeOf(evidence: Evidence): Store {
  const { folder, manifest, concept, fresh, words, settings, seed } = evidence;
  const { fingerprint } = manifest.model;
  const about = { ...manifest, model: { fingerprint } };
  const data = dataOf(evidence);
  return new Store(
    folder,
    JSON.stringify({ procedure, about, data, concept: placeless(concept), fresh, words, settings, seed }),
  );
}

/** The recorded edits, their split, and what was learned from them. */
function dataOf({ deltas, labels, train, taught, report }: Evidence): string {
  const hash = createHash("sha256").update(JSON.stringify([labels, train, report.classifier.regularization]));
  for (const numbers of [deltas.data, Float64Array.from(taught.weights)])
    hash.update(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength));
  return hash.digest("hex");
}

/** Without the folders of its lists, which an update of the program moves. */
function placeless({ names, referee, ...rest }: Concept) {
  const { otherLanguages, ownedByNeither } = referee ?? {};
  const lists = [names?.file, names?.newNames, otherLanguages, ownedByNeither];
  return { ...rest, lists: lists.map((path) => path && basename(path)) };
}
