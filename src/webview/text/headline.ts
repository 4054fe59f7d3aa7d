import { t } from "@vscode/l10n";
import type { ShownFlip } from "../../protocol/shownFlip.ts";
import { answerOf } from "../../text/words.ts";

/** What is in force after a flip, from the completion itself: an edit that was rolled back changed nothing. */
export function headline({ name, from, to, flipped, health, before, after }: ShownFlip): string {
  const said = answerOf(before.completion, [from, to]);
  if (health.rolledBack) return t("{0}: the edit was rolled back; the model still says {1}.", name, said);
  return flipped
    ? t("{0}: the model now says {1} instead of {2}.", name, to, said)
    : t("{0} did not flip: with the edit the model says {1}.", name, answerOf(after.completion, [to, from]));
}
