/** Which lens it is, and what a fitted one rests on. */
import { t } from "@vscode/l10n";
import type { Lens, LensFit } from "../../../protocol/lens.ts";
import { count, typesetPercent } from "../../../text/numbers.ts";

export function lensTitle(kind: Lens["kind"]): string {
  return kind === "jacobian" ? t("Jacobian lens") : t("Logit lens");
}

export function fitText({ text, tokens, distinct, rank, width, error }: LensFit): string {
  return [
    distinct < tokens
      ? t("fitted over {0} tokens of {1}, each gone through several times", count(distinct), text)
      : t("fitted over {0} tokens of {1}", count(tokens), text),
    ...(rank < width ? [t("along {0} of {1} directions", count(rank), count(width))] : []),
    ...(error
      ? [t("mean off by {0} at most on {1} others", typesetPercent(Math.max(...error.mean), 0), count(error.tokens))]
      : []),
  ].join(", ");
}
