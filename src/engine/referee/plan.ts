import * as v from "valibot";
import { phrasedCheck } from "../../protocol/phrasedCard.ts";
import { type ConstructionName, constructionNames, type RefereePlan } from "../../protocol/referee.ts";
import type { Run } from "../../protocol/run.ts";
import { checks } from "./checks.ts";
import { askedInPairs, askedOfRandom, isCompared, lengthsTried } from "./compare.ts";
import type { Evidence } from "./evidence.ts";
import { turning } from "./recordings.ts";
import { isSolved, keptAs, type RefereeOptions, solvedConstructions, storeOf } from "./referee.ts";
import type { Store } from "./store.ts";
import type { Work } from "./trial.ts";
import { universalEvaluations } from "./universal.ts";

/** Names that the pace is measured on. */
const timed = 16;

/** What a trial is going to do, by the pace of a few prompts and one edit on this machine; what is kept takes nothing. */
export async function planOf(evidence: Evidence, { vector, skip }: RefereeOptions, run: Run): Promise<RefereePlan> {
  const store = storeOf(evidence);
  const pace = await paceOf(evidence, run);
  const seconds = ({ asked, solved = 0 }: Work) => asked * pace.asked + solved * pace.solved;
  const left = await missing(store);
  const vectors = { name: "vectors", seconds: seconds(comparison(evidence, left)), done: left.compared === 0 };
  const parts = [vectors];
  for (const check of checks.filter(({ id }) => !skip.includes(id)))
    parts.push({
      name: check.id,
      seconds: seconds(check.work(evidence)),
      done: Boolean(await store.known(keptAs(check, vector), (kept) => v.parse(phrasedCheck, kept))),
    });
  return { parts, seconds: parts.reduce((sum, part) => sum + (part.done ? 0 : part.seconds), 0) };
}

interface Missing {
  readonly compared: number;
  readonly solved: number;
}

/** How many vectors are still to be compared, and to be solved. */
async function missing(store: Store): Promise<Missing> {
  const count = async (
    is: (store: Store, name: ConstructionName) => Promise<boolean>,
    names: readonly ConstructionName[],
  ) => (await Promise.all(names.map((name) => is(store, name)))).filter((kept) => !kept).length;
  return { compared: await count(isCompared, constructionNames), solved: await count(isSolved, solvedConstructions) };
}

/** Every vector at every length under both signs, with facts and drift; and the universal ones solved. */
function comparison({ validation, judged, settings, rome, recording }: Evidence, left: Missing): Work {
  const drift = 4 * 12;
  const facts = 3 * 3 * 12;
  const atLength = 2 * validation.taking.length + facts + drift;
  const atBest = 4 * judged.taking.length + askedInPairs + 12 * (10 + 12) + facts + drift;
  const { v_num_grad_steps } = rome.hyperParameters;
  // Of a usual edit, one context of many and two signs.
  const contexts = Array.isArray(recording.contexts) ? recording.contexts.length : 1;
  return {
    asked: left.compared * (lengthsTried * atLength + atBest) + (left.compared > 0 ? lengthsTried * askedOfRandom : 0),
    solved: (2 * settings.universal * left.solved * universalEvaluations) / (v_num_grad_steps * contexts),
  };
}

/** Seconds a prompt and an edit. */
async function paceOf(evidence: Evidence, run: Run): Promise<{ asked: number; solved: number }> {
  const { rome, judged, recording, train } = evidence;
  const scene = judged.fewer(timed);
  const nothing = new Float32Array(evidence.deltas.width);
  const ask = () => scene.pushed({ plus: nothing, minus: nothing }, 1, run);
  // The first of either warms the sessions up.
  await ask();
  const asking = performance.now();
  await ask();
  const asked = (performance.now() - asking) / 1000 / (2 * timed);
  const requests = turning(evidence, train.slice(0, 2));
  await rome.edit(requests.slice(0, 1), recording, run);
  const solving = performance.now();
  await rome.edit(requests.slice(1), recording, run);
  return { asked, solved: (performance.now() - solving) / 1000 };
}
