import { t } from "@vscode/l10n";
import { shownDifference, signed } from "../../text/numbers.ts";

/** How one share differs from another, in points of the per cent that are shown. */
export function pointsBetween(from: number, to: number): string {
  return t("{0} points", signed(shownDifference(100 * from, 100 * to)));
}
