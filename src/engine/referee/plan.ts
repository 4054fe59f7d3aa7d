import * as v from "valibot";
import { phrasedCheck } from "../../protocol/phrasedCard.ts";
import { comparedVector, constructionNames, type RefereePlan } from "../../protocol/referee.ts";
import type { Run } from "../../protocol/run.ts";
import { checks } from "./checks.ts";
import { askedInPairs, askedOfRandom, lengthsTried } from "./compare.ts";
import type { Evidence } from "./evidence.ts";
import { turning } from "./recordings.ts";
import { keptAs, type RefereeOptions, storeOf } from "./referee.ts";
import type { Work } from "./trial.ts";
import { universalSteps } from "./universal.ts";

/** Names that the pace is measured on. */
const timed = 16;

/** What a trial is going to do, by the pace of a few prompts and one edit on this machine; what is kept takes nothing. */
export async function planOf(evidence: Evidence, { vector, skip }: RefereeOptions, run: Run): Promise<RefereePlan> {
  const store = storeOf(evidence);
  const pace = await paceOf(evidence, run);
  const seconds = ({ asked, solved = 0 }: Work) => asked * pace.asked + solved * pace.solved;
  const vectors = {
    name: "vectors",
    seconds: seconds(comparison(evidence)),
    done: Boolean(await store.known(`vectors-${vector}`, (kept) => v.parse(v.array(comparedVector), kept))),
  };
  const parts = [vectors];
  for (const check of checks.filter(({ id }) => !skip.includes(id)))
    parts.push({
      name: check.id,
      seconds: seconds(check.work(evidence)),
      done: Boolean(await store.known(keptAs(check, vector), (kept) => v.parse(phrasedCheck, kept))),
    });
  return { parts, seconds: parts.reduce((sum, part) => sum + (part.done ? 0 : part.seconds), 0) };
}

/** Every vector at every length under both signs, with facts and drift; and the universal ones solved. */
function comparison({ validation, judged, settings, rome, recording }: Evidence): Work {
  const drift = 4 * 12;
  const facts = 3 * 3 * 12;
  const atLength = 2 * validation.taking.length + facts + drift;
  const atBest = 4 * judged.taking.length + askedInPairs + 12 * (10 + 12) + facts + drift;
  const { v_num_grad_steps } = rome.hyperParameters;
  // Of a usual edit, one context of many and two signs.
  const contexts = Array.isArray(recording.contexts) ? recording.contexts.length : 1;
  return {
    asked: constructionNames.length * (lengthsTried * atLength + atBest) + lengthsTried * askedOfRandom,
    solved: (2 * settings.universal * 2 * universalSteps) / (v_num_grad_steps * contexts),
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
