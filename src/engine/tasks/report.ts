import type { Report } from "../../protocol/results.ts";
import { readReport } from "../experiment/experiment.ts";
import { readManifest } from "../experiment/manifest.ts";
import { methods } from "../experiment/methods.ts";

/**
 * What an analysed data set found, and how, as a paragraph. No model is opened.
 *
 * @throws RomeError "data" for a folder that holds no data set or no report
 */
export async function report(folder: string): Promise<{ report: Report; methods: string }> {
  const manifest = await readManifest(folder);
  const report = await readReport(folder);
  return { report, methods: methods(manifest, report) };
}
