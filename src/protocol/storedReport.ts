/** report.json as a folder may hold it: of this version, or an older one, which named its rates after the first experiment. */
import * as v from "valibot";
import { report, transferRow } from "./results.ts";

const oldRate = v.pipe(
  v.object({ changed: v.number(), total: v.number() }),
  v.transform(({ changed, total }) => ({ count: changed, total })),
);
const oldRates = v.object({
  femaleToMale: oldRate,
  maleStaysMale: oldRate,
  maleToFemale: oldRate,
  femaleStaysFemale: oldRate,
});

/** Whatever the concept was: "female" stood for its first label, "male" for its second. */
function directionsOf(rates: v.InferOutput<typeof oldRates>) {
  return {
    plus: { changed: rates.femaleToMale, stayed: rates.maleStaysMale },
    minus: { changed: rates.maleToFemale, stayed: rates.femaleStaysFemale },
  };
}

const oldRow = v.pipe(
  v.object({
    ...oldRates.entries,
    vector: v.picklist(["gender", "random", "meanDifference"]),
    seed: v.optional(v.number()),
    scale: v.number(),
    byFirstWord: v.optional(oldRates),
    others: v.optional(v.object({ plus: oldRate, minus: oldRate })),
    failures: transferRow.entries.failures,
  }),
  v.transform(
    ({ vector, seed, scale, byFirstWord, others, failures, ...rates }): v.InferOutput<typeof transferRow> => ({
      vector: vector === "gender" ? "concept" : vector,
      ...(seed !== undefined && { seed }),
      scale,
      ...directionsOf(rates),
      ...(byFirstWord && { byFirstWord: directionsOf(byFirstWord) }),
      ...(others && { others }),
      failures,
    }),
  ),
);

/** Reads every report that was ever written as one of this version. */
export const storedReport = v.object({ ...report.entries, transfer: v.array(v.union([transferRow, oldRow])) });
