import { t } from "@vscode/l10n";
import type { ShownFlip } from "../../protocol/shownFlip.ts";

/** The first word of a completion, as the model says it; "…" where it says none. */
function firstWord(completion: string): string {
  return /[\p{L}\p{N}]+/u.exec(completion)?.[0] ?? "…";
}

/** What is in force after a flip, from the completion itself: an edit that was rolled back changed nothing. */
export function headline({ name, to, flipped, health, before, after }: ShownFlip): string {
  if (health.rolledBack)
    return t("{0}: the edit was rolled back; the model still says {1}.", name, firstWord(before.completion));
  return flipped
    ? t("{0}: the model now says {1} instead of {2}.", name, to, firstWord(before.completion))
    : t("{0} did not flip: with the edit the model says {1}.", name, firstWord(after.completion));
}
