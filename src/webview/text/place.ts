import { t } from "@vscode/l10n";
import type { Place } from "../../protocol/editEntry.ts";

/** The tokens at which a vector is on, in words. */
export function placeText(at: Place): string {
  if (typeof at === "object") return t("at the last token of {0}", at.name);
  return at === "all" ? t("at all tokens") : t("at the tokens that generate");
}
