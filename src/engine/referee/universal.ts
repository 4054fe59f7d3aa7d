import type { Run } from "../../protocol/run.ts";
import { stratifiedOrder } from "../numerics/split.ts";
import { CommonObjective, type Signed } from "../rome/common.ts";
import { both, unit } from "./constructions.ts";
import type { Evidence } from "./evidence.ts";
import type { Push } from "./scene.ts";

/** Steps of the descent: more than for one name, because every name pulls elsewhere. */
export const universalSteps = 40;

/**
 * What any vector at this place could do: one δ that minimises ROME's own objective over training names at once, +δ
 * towards the second label for every name and −δ towards the first, so that it turns one group and leaves the other.
 */
export async function universalPush(evidence: Evidence, box: boolean, run: Run): Promise<Push> {
  const objective = await CommonObjective.of(evidence.rome, requestsOf(evidence), evidence.writing, run);
  return both(await objective.minimise({ box, steps: universalSteps }, run));
}

/**
 * The direction [d] in which the second word's logit rises most against the first's: their difference in the output
 * rows, pulled back to this place, mean over names; log p's normaliser is the same for both and cancels.
 */
export async function pulledBack(evidence: Evidence, run: Run): Promise<Float32Array> {
  const [first, second] = evidence.concept.targets;
  const gradientOf = async (target: string) => {
    const requests = requestsOf(evidence)
      .filter(({ sign }) => sign > 0)
      .map((request): Signed => ({ ...request, target }));
    const objective = await CommonObjective.of(evidence.rome, requests, evidence.writing, run);
    return (await objective.evaluate(new Float64Array(evidence.deltas.width), run)).gradient;
  };
  const [towardsFirst, towardsSecond] = [await gradientOf(first.text), await gradientOf(second.text)];
  return unit(towardsFirst.map((slope, i) => slope - (towardsSecond[i] as number)));
}

/** Both signs for each of some training names, of either group. */
function requestsOf({ train, labels, names, concept, settings, random, place }: Evidence): Signed[] {
  const order = stratifiedOrder(
    train.map((row) => labels[row] as number),
    random("universal"),
  ).slice(0, settings.universal);
  const [first, second] = concept.targets;
  return order.flatMap((position) => {
    const where = place(names[train[position] as number] as string, concept.prompt);
    return [
      { ...where, target: second.text, sign: 1 },
      { ...where, target: first.text, sign: -1 },
    ] as const;
  });
}
