import type { Params, Result } from "../../protocol/engine.ts";
import { readExperimentNames } from "../concept/names.ts";
import { fewest } from "../experiment/enough.ts";
import { defaultSeed } from "../experiment/experiment.ts";
import type { Engine } from "./engine.ts";

/**
 * How many names a recording would have.
 *
 * @throws RomeError "input" for a names file that cannot be read or has mistakes, each with its line
 */
export async function countNames(
  { concept }: Engine,
  { namesFile }: Params<"countNames">,
): Promise<Result<"countNames">> {
  const { recorded, fresh, others } = await readExperimentNames(concept, defaultSeed, { file: namesFile });
  const labels = concept.targets.map(({ label }) => ({
    label,
    count: recorded.filter((row) => row.label === label).length,
  }));
  return { recorded: recorded.length, labels, needed: fewest, fresh: fresh.length, others: others.length };
}
