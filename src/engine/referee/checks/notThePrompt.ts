import { say } from "../../../protocol/phrase.ts";
import { clusteredEstimate, shareEstimate } from "../../numerics/intervals.ts";
import { limits } from "../limits.ts";
import { changed, stayed } from "../rates.ts";
import { byName, pairOf, underOthers } from "../scenes.ts";
import type { RefereeCheck } from "../trial.ts";
import { atLeast, checked, figure } from "../verdict.ts";

const { changed: leastChanged, stayed: leastStayed } = limits.notThePrompt;

/** 5. Found with one prompt: does it work in other texts? */
export const notThePrompt: RefereeCheck = {
  id: "notThePrompt",
  work: ({ judged, words }) => ({ asked: judged.taking.length * 4 * words.prompts.length }),
  run: async (evidence, { push, length }, run) => {
    const { told, notes } = await underOthers(evidence, evidence.words.prompts, push, length, run);
    const together = byName(told);
    return checked({
      id: "notThePrompt",
      claim: say`Found with one prompt, it works in other texts: pronouns, coreference, negation.`,
      threshold: say`over all texts in which the model tells the groups, at least ${leastChanged} turned and ${leastStayed} stay`,
      figures:
        told.length === 0
          ? []
          : [
              figure(say`turned, all texts together`, clusteredEstimate(together.changed), atLeast(leastChanged)),
              figure(say`stay, all texts together`, clusteredEstimate(together.stayed), atLeast(leastStayed)),
              ...told.flatMap(({ asked, hits }) => [
                figure(say`turned after “${asked.prompt}” (${pairOf(asked)})`, shareEstimate(changed(hits))),
                figure(say`stay after “${asked.prompt}”`, shareEstimate(stayed(hits))),
              ]),
            ],
      notes,
    });
  },
};
