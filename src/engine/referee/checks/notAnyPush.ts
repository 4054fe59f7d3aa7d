import { type Phrase, say } from "../../../protocol/phrase.ts";
import type { PhrasedFigure } from "../../../protocol/phrasedCard.ts";
import { combined, type Estimate, shareEstimate } from "../../numerics/intervals.ts";
import { mean } from "../../numerics/statistics.ts";
import { dot } from "../../numerics/vectors.ts";
import { gaussians, namesAControl, randomSigns, shuffledVectors, turnedBy } from "../controls.ts";
import { limits } from "../limits.ts";
import { askedToMove, lengthsThatMove } from "../moved.ts";
import { changed, hitsOf } from "../rates.ts";
import type { Push } from "../scene.ts";
import type { RefereeCheck } from "../trial.ts";
import { atLeast, atMost, beside, checked, figure } from "../verdict.ts";

const { randomSigns: most, ahead } = limits.notAnyPush;

/** 3. Would any other push have done it? */
export const notAnyPush: RefereeCheck = {
  id: "notAnyPush",
  procedure: 3,
  work: ({ settings: { controls }, judged }) => ({
    asked: 2 * judged.taking.length + controls * (4 * 2 * namesAControl + 3 * (2 * namesAControl + askedToMove)),
  }),
  run: async (evidence, trial, run) => {
    const scene = evidence.judged;
    const own = shareEstimate(changed(await hitsOf(scene, trial.push, trial.length, run)));
    const kinds: [Phrase, Push[], boolean][] = [
      [say`random signs`, randomSigns(evidence), true],
      [say`Gaussians with the covariance of Δv within each direction`, gaussians(evidence, { within: true }), true],
      [say`vectors of shuffled labels`, shuffledVectors(evidence), true],
      [say`Gaussians with the whole covariance of Δv`, gaussians(evidence, { within: false }), false],
    ];
    const figures: PhrasedFigure[] = [];
    for (const [kind, pushes, decides] of kinds) {
      const same = await turnedBy(scene, pushes, () => trial.length, run);
      figures.push(
        kind === kinds[0]?.[0]
          ? figure(say`${kind} of the same length turn`, same, atMost(most))
          : beside(figure(say`${kind} of the same length turn`, same)),
      );
      const cosines = pushes.map(({ plus }) => Math.abs(dot(plus, trial.push.plus)));
      figures.push(figure(say`${kind}: mean |cosine| to the vector`, { value: mean(cosines), unit: "number" }));
      if (!decides) continue;
      const lengths = await lengthsThatMove(scene, pushes, trial, run);
      const equal = await turnedBy(scene, pushes, (number) => lengths[number] as number, run);
      figures.push(
        beside(figure(say`${kind} that move the logits as far turn`, equal)),
        figure(
          say`the vector turns more than ${kind} of either length, by points`,
          { ...aheadBy(own, same, equal), unit: "points" },
          atLeast(ahead),
        ),
      );
    }
    return checked({
      id: "notAnyPush",
      claim: say`It takes this direction: other pushes as strong turn far fewer names.`,
      threshold: say`random signs turn at most ${most}; the vector turns at least ${ahead} more than each control`,
      figures,
      notes: [
        say`Each control counts in the better of its two senses. Gaussians with the whole covariance contain the direction itself, so they decide nothing.`,
      ],
    });
  },
};

/** How far the vector is ahead of a kind of control, at whichever of the two lengths that turns more. */
function aheadBy(own: Estimate, same: Estimate, equal: Estimate): Estimate {
  const stronger = equal.value > same.value ? equal : same;
  return combined([
    { ...own, weight: 1 },
    { ...stronger, weight: -1 },
  ]);
}
