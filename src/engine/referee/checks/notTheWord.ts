import { say } from "../../../protocol/phrase.ts";
import type { PhrasedFigure } from "../../../protocol/phrasedCard.ts";
import type { Run } from "../../../protocol/run.ts";
import { balancedEstimate, clusteredEstimate, shareEstimate } from "../../numerics/intervals.ts";
import { logits } from "../../numerics/logisticRegression.ts";
import { takeRows } from "../../numerics/rows.ts";
import { stratifiedSplit } from "../../numerics/split.ts";
import { dot } from "../../numerics/vectors.ts";
import { both } from "../constructions.ts";
import { namesAControl, randomSigns, type Said, tryControls, turned, turnedBy } from "../controls.ts";
import type { Evidence } from "../evidence.ts";
import { learn, learnSign } from "../learn.ts";
import { limits, withoutTheWord } from "../limits.ts";
import { changed, hitsOf, stayed } from "../rates.ts";
import { recordDeltas, sampleOf } from "../recordings.ts";
import type { Push } from "../scene.ts";
import { byName, pairOf, underOthers } from "../scenes.ts";
import type { RefereeCheck, Trial } from "../trial.ts";
import { pulledBack } from "../universal.ts";
import { atLeast, atMost, beside, checked, figure, unlessControl } from "../verdict.ts";

const { placebo, otherWords } = limits.notTheWord;
/** Vectors of random signs beside the meaningless words' own. */
const randomPushes = 20;

/** 4. Is it the concept, or only the word that was asked for? */
export const notTheWord: RefereeCheck = {
  id: "notTheWord",
  procedure: 3,
  work: ({ judged, words, settings }) => ({
    asked: judged.taking.length * (2 + 4 * words.words.length + 4) + 2 * namesAControl * randomPushes,
    solved: settings.records + settings.universal / 4,
  }),
  run: async (evidence, trial, run) => {
    const meaningless = await placeboFigures(evidence, trial, run);
    const others = await underOthers(evidence, evidence.words.words, trial.push, trial.length, run);
    const word = await wordFigures(evidence, trial, run);
    const together = byName(others.told);
    const figures: PhrasedFigure[] = [
      ...(others.told.length === 0
        ? []
        : [
            figure(say`other words of the concept: turned`, clusteredEstimate(together.changed), atLeast(otherWords)),
            figure(say`other words of the concept: stay`, clusteredEstimate(together.stayed)),
          ]),
      ...meaningless,
      ...others.told.map(({ asked, hits }) =>
        figure(say`${pairOf(asked)} after “${asked.prompt}”: turned`, shareEstimate(changed(hits))),
      ),
      ...word,
    ];
    return checked({
      id: "notTheWord",
      claim: say`It is not the one word's alone that the edits were solved towards: other words of the concept are turned, too.`,
      threshold: say`a vector of two meaningless words turns at most ${placebo}; other words of the concept are turned in at least ${otherWords}`,
      figures,
      incomplete: others.told.length === 0,
      notes: [
        ...others.notes,
        ...(evidence.words.words.length > 0 ? [] : [say`The concept names no other words of its own.`]),
        say`Where random signs of that length do not keep the bound, either, the meaningless words cannot fail it: what any push does says nothing of a word.`,
        say`The words' own direction decides nothing: where a model has one direction for the concept, its words share it.`,
      ],
    });
  },
};

/** The same names recorded towards two words without meaning here: readable, too? And does their vector turn anything? */
async function placeboFigures(evidence: Evidence, trial: Trial, run: Run): Promise<PhrasedFigure[]> {
  const { concept, words, names, judged, report, random } = evidence;
  const rows = sampleOf(evidence, "placebo");
  // Which name goes to which word has nothing to do with its group: every other one of either.
  const labels = rows.map((_, i) => (Math.floor(i / 2) % 2) as 0 | 1);
  const requests = rows.map((row, i) => ({
    subject: names[row] as string,
    template: concept.prompt,
    target: words.placebo[labels[i] as 0 | 1],
  }));
  const deltas = await recordDeltas(evidence, requests, {}, run);
  const C = report.classifier.regularization;
  const draw = random("placebo");
  const { train, test } = stratifiedSplit(labels, 0.7, draw);
  const of = (positions: readonly number[]) => positions.map((i) => labels[i] as number);
  const model = learn(takeRows(deltas, train), of(train), C);
  const predicted = Array.from(logits(model, takeRows(deltas, test)), (score) => (score > 0 ? 1 : 0));
  const truth = of(test);
  const push = learnSign(deltas, labels, C);
  const [said] = await tryControls(judged, [{ push, length: trial.length, names: judged.taking }], run);
  const anyPush = await turnedBy(judged, randomSigns(evidence).slice(0, randomPushes), () => trial.length, run);
  const [one, other] = words.placebo.map((word) => word.trim()) as [string, string];
  return [
    figure(say`edits towards “${one}” and “${other}” told apart`, balancedEstimate(predicted, truth)),
    unlessControl(
      figure(say`the vector of “${one}” and “${other}” turns`, shareEstimate(turned(said as Said)), atMost(placebo)),
      anyPush,
    ),
    beside(figure(say`random signs of that length turn`, anyPush)),
  ];
}

/** How much of the vector is the word's own direction, pulled back to this place; and the rates without that part. */
async function wordFigures(evidence: Evidence, { push, length }: Trial, run: Run): Promise<PhrasedFigure[]> {
  const direction = await pulledBack(evidence, run);
  const without = withoutDirection(push, direction);
  const hits = await hitsOf(evidence.judged, without, length, run);
  return [
    figure(say`cosine to the words' own direction, pulled back`, { value: dot(push.plus, direction), unit: "number" }),
    figure(withoutTheWord, shareEstimate(changed(hits))),
    figure(say`stay without that direction`, shareEstimate(stayed(hits))),
  ];
}

/** The push with its part along a unit direction taken out, at length 1 again. */
export function withoutDirection({ plus, minus }: Push, direction: Float32Array): Push {
  const rest = (vector: Float32Array) => {
    const along = dot(vector, direction);
    return both(vector.map((x, i) => x - along * (direction[i] as number))).plus;
  };
  return { plus: rest(plus), minus: rest(minus) };
}
