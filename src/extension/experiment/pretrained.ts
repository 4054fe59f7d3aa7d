import type { Pretrained } from "../../protocol/labExperiment.ts";
import type { Report } from "../../protocol/results.ts";

/** What a report comes to, in one line; null where its vector was tried on no new names. */
export function summaryOf({ model, recorded, classifier, vector, transfer }: Report): Pretrained | null {
  const best = transfer.find((row) => row.vector === "concept" && row.scale === vector.scale);
  if (!best) return null;
  return {
    model: model.name,
    flipped: { count: recorded.flipped, total: recorded.total },
    testAccuracy: classifier.testAccuracy,
    turned: [best.plus.changed, best.minus.changed],
  };
}
