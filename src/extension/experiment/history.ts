import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import type { ComparedExperiment } from "../../protocol/comparison.ts";
import { storedReport } from "../../protocol/storedReport.ts";

/** An experiment and when its report was written here, in milliseconds since 1970. */
export type PastExperiment = ComparedExperiment & { readonly date: number };

/**
 * The experiments that were recorded here and analysed, the newest first; unfinished and damaged ones are not among them.
 *
 * @param folder where the recordings lie, a folder each
 */
export async function pastExperiments(folder: string): Promise<PastExperiment[]> {
  const names = await readdir(folder).catch(() => []);
  const found = await Promise.all(names.map((name) => pastExperiment(join(folder, name))));
  return found.filter((experiment) => experiment !== undefined).sort((a, b) => b.date - a.date);
}

/** The experiment in a folder; undefined where there is none that can be read. */
export async function pastExperiment(folder: string): Promise<PastExperiment | undefined> {
  const file = join(folder, "report.json");
  try {
    const result = v.safeParse(storedReport, JSON.parse(await readFile(file, "utf8")));
    return result.success ? { folder, date: (await stat(file)).mtimeMs, report: result.output } : undefined;
  } catch {
    return undefined;
  }
}

const manifest = v.object({ concept: v.string(), model: v.object({ name: v.string() }) });

/** What a recording is of that has not come to its report, and when it began; undefined where that is not written yet. */
export async function unfinished(
  folder: string,
): Promise<(v.InferOutput<typeof manifest> & { date: number }) | undefined> {
  const file = join(folder, "manifest.json");
  try {
    return { ...v.parse(manifest, JSON.parse(await readFile(file, "utf8"))), date: (await stat(file)).mtimeMs };
  } catch {
    return undefined;
  }
}

/** Deletes a recording with its report. */
export async function deleteExperiment({ folder }: Pick<PastExperiment, "folder">): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}
