import { say } from "../../../protocol/phrase.ts";
import type { PhrasedFigure } from "../../../protocol/phrasedCard.ts";
import { clusteredEstimate, shareEstimate } from "../../numerics/intervals.ts";
import { limits } from "../limits.ts";
import { changed, stayed } from "../rates.ts";
import { byName, pairOf, type Told, underOthers } from "../scenes.ts";
import type { RefereeCheck } from "../trial.ts";
import { atLeast, checked, figure } from "../verdict.ts";

const { changed: leastChanged, stayed: leastStayed, texts: fewest } = limits.notThePrompt;

/** 5. Found with one prompt: does it work in other texts? */
export const notThePrompt: RefereeCheck = {
  id: "notThePrompt",
  procedure: 3,
  work: ({ judged, words }) => ({
    asked: judged.taking.length * 4 * [...words.prompts, ...(words.openers ?? [])].length,
  }),
  run: async (evidence, { push, length }, run) => {
    const { prompts, openers = [] } = evidence.words;
    const texts = await underOthers(evidence, prompts, push, length, run);
    const repeated = await underOthers(evidence, openers, push, length, run);
    const together = byName(texts.told);
    return checked({
      id: "notThePrompt",
      claim: say`Found with one prompt, it works in other texts in which the model tells the groups.`,
      threshold: say`over all such texts, at least ${fewest} of them, at least ${leastChanged} turned and ${leastStayed} stay`,
      incomplete: texts.told.length < fewest,
      figures:
        texts.told.length === 0
          ? textByText(repeated.told)
          : [
              figure(say`turned, all texts together`, clusteredEstimate(together.changed), atLeast(leastChanged)),
              figure(say`stay, all texts together`, clusteredEstimate(together.stayed), atLeast(leastStayed)),
              ...textByText(texts.told),
            ],
      notes: [
        ...texts.notes,
        ...(openers.length === 0
          ? []
          : [
              say`The concept names no other texts (referee.prompts in its file): the same prompt after other sentences decides nothing.`,
            ]),
      ],
    });
  },
};

function textByText(told: readonly Told[]): PhrasedFigure[] {
  return told.flatMap(({ asked, hits }) => [
    figure(say`turned after “${asked.prompt}” (${pairOf(asked)})`, shareEstimate(changed(hits))),
    figure(say`stay after “${asked.prompt}”`, shareEstimate(stayed(hits))),
  ]);
}
