import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import type { Report } from "../../protocol/results.ts";
import { storedReport } from "../../protocol/storedReport.ts";

/** An experiment that was recorded on this machine. */
export interface PastExperiment {
  folder: string;
  /** When its report was written, in milliseconds since 1970. */
  date: number;
  report: Report;
}

/**
 * The experiments that were recorded here and analysed, the newest first; unfinished and damaged ones are not among them.
 *
 * @param folder where the recordings lie, a folder each
 */
export async function pastExperiments(folder: string): Promise<PastExperiment[]> {
  const names = await readdir(folder).catch(() => []);
  const found = await Promise.all(names.map((name) => read(join(folder, name))));
  return found.filter((experiment) => experiment !== undefined).sort((a, b) => b.date - a.date);
}

/** Deletes a recording with its report. */
export async function deleteExperiment({ folder }: Pick<PastExperiment, "folder">): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

async function read(folder: string): Promise<PastExperiment | undefined> {
  const file = join(folder, "report.json");
  try {
    const result = v.safeParse(storedReport, JSON.parse(await readFile(file, "utf8")));
    return result.success ? { folder, date: (await stat(file)).mtimeMs, report: result.output } : undefined;
  } catch {
    return undefined;
  }
}
