import type { Figure } from "../../../protocol/referee.ts";
import type { Run } from "../../../protocol/run.ts";
import { bootstrapInterval, type Interval } from "../../numerics/resampling.ts";
import { mean } from "../../numerics/statistics.ts";
import { dot } from "../../numerics/vectors.ts";
import { gaussians, randomSigns, shuffledVectors, turnedEitherWay } from "../controls.ts";
import type { Evidence } from "../evidence.ts";
import { limits } from "../limits.ts";
import { lengthThatMoves } from "../moved.ts";
import { changed, hitsOf, shareOf } from "../rates.ts";
import type { Push, Scene } from "../scene.ts";
import type { RefereeCheck } from "../trial.ts";
import { atLeast, atMost, checked, figure } from "../verdict.ts";

const { randomSigns: most, ahead } = limits.notAnyPush;
/** Names that each control is tried on. */
const names = 40;
/** Controls of each kind that are also tried at the length that moves the logits as far. */
const stretched = 5;

/** 3. Would any other push have done it? */
export const notAnyPush: RefereeCheck = {
  id: "notAnyPush",
  work: ({ settings }) => ({ asked: 2 * names * (4 * settings.controls + 3 * stretched) + 64 * 3 * stretched }),
  run: async (evidence, trial, run) => {
    const scene = evidence.judged.fewer(names);
    const own = shareOf(changed(await hitsOf(scene, trial.push, trial.length, run)));
    const kinds: [string, Push[], boolean][] = [
      ["random signs", randomSigns(evidence), true],
      ["Gaussians with the covariance of Δv within each direction", gaussians(evidence, { within: true }), true],
      ["vectors of shuffled labels", shuffledVectors(evidence), true],
      ["Gaussians with the whole covariance of Δv", gaussians(evidence, { within: false }), false],
    ];
    const figures: Figure[] = [];
    for (const [kind, pushes, decides] of kinds) {
      const same = await turnedBy(evidence, scene, pushes, () => Promise.resolve(trial.length), run);
      figures.push(
        kind === "random signs"
          ? figure(`${kind} of the same length turn`, same, atMost(most))
          : figure(`${kind} of the same length turn`, same),
      );
      const cosines = pushes.map(({ plus }) => Math.abs(dot(plus, trial.push.plus)));
      figures.push(figure(`${kind}: mean |cosine| to the vector`, { value: mean(cosines), unit: "number" }));
      if (!decides) continue;
      const lengthOf = (push: Push) => lengthThatMoves(scene, push, trial, run);
      const equal = await turnedBy(evidence, scene, pushes.slice(0, stretched), lengthOf, run);
      figures.push(
        figure(`${kind} that move the logits as far turn`, equal),
        figure(`the vector turns more than ${kind} of either length, by`, leadOf(own, same, equal), atLeast(ahead)),
      );
    }
    return checked({
      id: "notAnyPush",
      claim: "It takes this direction: other pushes as strong do not turn names.",
      threshold: `random signs turn at most ${most}; the vector turns at least ${ahead} more than each other control`,
      figures,
      notes: [
        "Each control counts in the better of its two senses. Gaussians with the whole covariance contain the direction itself, so they decide nothing.",
      ],
    });
  },
};

type Turned = { readonly value: number; readonly interval: Interval };

/** How far the vector is ahead of a kind of control, at whichever of the two lengths it turns more. */
function leadOf(own: number, same: Turned, equal: Turned): Turned {
  const stronger = equal.value > same.value ? equal : same;
  const [low, high] = stronger.interval;
  return { value: own - stronger.value, interval: [own - high, own - low] };
}

/** Mean share of names that such pushes turn, with its interval by bootstrap over the pushes. */
async function turnedBy(
  { random }: Evidence,
  scene: Scene,
  pushes: readonly Push[],
  lengthOf: (push: Push) => Promise<number>,
  run: Run,
): Promise<Turned> {
  const shares: number[] = [];
  for (const push of pushes) shares.push(shareOf(await turnedEitherWay(scene, push, await lengthOf(push), run)));
  const meanOf = (positions: readonly number[]) => mean(positions.map((i) => shares[i] as number));
  return { value: mean(shares), interval: bootstrapInterval(shares.length, meanOf, random("controls")) };
}
