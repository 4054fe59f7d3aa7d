/** What changed between two snapshots that is worth saying aloud. */
import { t } from "@vscode/l10n";
import type { Card } from "../../protocol/resultsView.ts";
import { headline } from "../text/headline.ts";

function sentence(card: Card): string {
  const title = card.kind === "completion" ? t("The prompt") : card.name;
  switch (card.body.state) {
    case "failed":
      return t("{0} failed: {1}", title, card.body.failure.message);
    case "done":
      return card.kind === "flip" ? headline(card.body.result, card) : t("{0} is done.", title);
    case "running":
      return t("{0} is running.", title);
    default:
      return card.body satisfies never;
  }
}

/**
 * The sentences for cards that are new or reached another state, "" when none did.
 *
 * @param before null at the first snapshot: what was there when the view opened is no news
 */
export function news(before: readonly Card[] | null, now: readonly Card[]): string {
  if (!before) return "";
  const states = new Map(before.map((card) => [card.id, card.body.state]));
  return now
    .filter((card) => states.get(card.id) !== card.body.state)
    .map(sentence)
    .join(" ");
}
