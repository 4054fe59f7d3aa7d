import type { Report } from "../../protocol/results.ts";
import { analyzeFolder, defaultSeed } from "../experiment/experiment.ts";
import type { Engine } from "./engine.ts";

/** Classifier, controls and vector of a data set, written into it as report.json. */
export function analyze(
  { concept }: Engine,
  { folder, seed = defaultSeed }: { readonly folder: string; readonly seed?: number },
): Promise<Report> {
  return analyzeFolder(folder, concept, seed);
}
