import { limits } from "../limits.ts";
import { changed, joined, share, stayed } from "../rates.ts";
import { pairOf, underOthers } from "../scenes.ts";
import type { RefereeCheck } from "../trial.ts";
import { atLeast, checked, figure } from "../verdict.ts";

const { changed: leastChanged, stayed: leastStayed } = limits.notThePrompt;

/** 5. Found with one prompt: does it work in other texts? */
export const notThePrompt: RefereeCheck = {
  id: "notThePrompt",
  work: ({ judged, words }) => ({ asked: judged.taking.length * 4 * words.prompts.length }),
  run: async (evidence, { push, length }, run) => {
    const { told, notes } = await underOthers(evidence, evidence.words.prompts, push, length, run);
    const random = evidence.random("other prompts");
    const all = joined(told.map(({ hits }) => hits));
    return checked({
      id: "notThePrompt",
      claim: "Found with one prompt, it works in other texts: pronouns, coreference, negation.",
      threshold: `over all texts in which the model tells the groups, at least ${leastChanged} turned and ${leastStayed} stay`,
      figures:
        told.length === 0
          ? []
          : [
              figure("turned, all texts together", share(changed(all), random), atLeast(leastChanged)),
              figure("stay, all texts together", share(stayed(all), random), atLeast(leastStayed)),
              ...told.flatMap(({ asked, hits }) => [
                figure(`turned after “${asked.prompt}” (${pairOf(asked)})`, share(changed(hits), random)),
                figure(`stay after “${asked.prompt}”`, share(stayed(hits), random)),
              ]),
            ],
      notes,
    });
  },
};
