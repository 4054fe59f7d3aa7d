import { exportVectors as write } from "../export/exportVectors.ts";
import { type Engine, shippedExperiment } from "./engine.ts";

/** Writes the Δv and the vector of a data set for other programs; the shipped one where none is named. */
export async function exportVectors(
  engine: Engine,
  { dataset, out }: { dataset?: string; out: string },
): Promise<{ folder: string; files: string[] }> {
  return { folder: out, files: await write(dataset ?? shippedExperiment(engine.options.assetsFolder), out) };
}
