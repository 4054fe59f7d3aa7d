import { join } from "node:path";
import type { RefereeCard } from "../../protocol/referee.ts";
import { readReport } from "../experiment/experiment.ts";
import { reportHtml } from "../experiment/reportHtml.ts";
import { writeAtomically } from "../files/atomicWrite.ts";

/** Puts the card beside the report, and on top of its page; that of another vector than the essay's has its own file. */
export async function writeCard(folder: string, card: RefereeCard): Promise<void> {
  const name = card.vector === "sign" ? "card.json" : `card-${card.vector}.json`;
  await writeAtomically(join(folder, "referee", name), [Buffer.from(`${JSON.stringify(card, null, 1)}\n`)]);
  const report = await readReport(folder);
  await writeAtomically(join(folder, "report.html"), [Buffer.from(reportHtml(report, card))]);
}
