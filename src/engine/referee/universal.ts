import type { Run } from "../../protocol/run.ts";
import { stratifiedOrder } from "../numerics/split.ts";
import { CommonObjective, type Found, type Signed } from "../rome/common.ts";
import { both, constructed, recordedConstructions, unit } from "./constructions.ts";
import type { Evidence } from "./evidence.ts";
import type { Push } from "./scene.ts";

/** Steps of the descent, and the lengths, in mean ‖Δv‖, at which the vectors made of recorded edits are its beginnings. */
const steps = 32;
const lengths = [1 / 4, 1 / 2, 1, 3 / 2];
const beginnings = recordedConstructions.filter((name) => name !== "ownMeans");
/** How often the objective is evaluated. */
export const universalEvaluations = steps + lengths.length * beginnings.length + 2;

/**
 * What any vector at this place could do: one δ that minimises ROME's own objective over training names at once, +δ
 * towards the second label for every name and −δ towards the first, so that it turns one group and leaves the other.
 */
export async function universalPush(evidence: Evidence, box: boolean, run: Run): Promise<Push & Pick<Found, "loss">> {
  const { rome, writing, taught, report } = evidence;
  const objective = await CommonObjective.of(rome, requestsOf(evidence), writing, run);
  const from = beginnings.flatMap((name) => {
    const { plus } = constructed(name, taught);
    return lengths.map((part) => plus.map((x) => part * report.vector.meanDeltaNorm * x));
  });
  const { delta, loss } = await objective.minimise({ box, steps, from }, run);
  return { ...both(delta), loss };
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
