import { t } from "@vscode/l10n";
import type { ShownFlip, Standing } from "../../protocol/shownFlip.ts";
import { change } from "../../text/words.ts";

/** What a flip did, from the completion itself, and whether that is in force: an edit that was rolled back changed nothing. */
export function headline(result: ShownFlip, now: Standing): string {
  const { name, flipped, health } = result;
  const { said, says } = change(result);
  if (health.rolledBack)
    return now.other
      ? t("{0}: the edit was rolled back; another one of this name stays on.", name)
      : t("{0}: the edit was rolled back; the model still says {1}.", name, said);
  if (!flipped) return t("{0} did not flip: with the edit the model says {1}.", name, says);
  return now.on
    ? t("{0}: the model now says {1} instead of {2}.", name, says, said)
    : t("{0}: with this edit the model says {1} instead of {2}; it is off.", name, says, said);
}
