/** The referee's checks, verdicts and vectors in the reader's language. */
import { t } from "@vscode/l10n";
import type { CheckId, ConstructionName, Verdict } from "../../../protocol/referee.ts";
import type { Choice } from "../../controls.ts";

export const checkTitles = (): Record<CheckId, string> => ({
  readable: t("Readable"),
  newNames: t("Works on new names"),
  notAnyPush: t("Not any push will do"),
  notTheWord: t("Not the word"),
  notThePrompt: t("Not the prompt"),
  stable: t("Stable"),
  necessary: t("Necessary"),
  onlyThat: t("Only that"),
});

export const verdictWords = (): Record<Verdict, string> => ({
  holds: t("holds"),
  fails: t("fails"),
  undecided: t("undecided"),
});

export const vectorTitles = (): Record<ConstructionName, string> => ({
  sign: t("sign(w), the essay's"),
  weights: t("w of the classifier"),
  meanDifference: t("difference of the means"),
  discriminant: t("shrinkage LDA, whitened"),
  firstComponent: t("first principal component"),
  ownMeans: t("each direction's own mean"),
  universalBox: t("universal, within the box"),
  universal: t("universal"),
});

export function vectorChoices(): Choice[] {
  return Object.entries(vectorTitles()).map(([value, label]) => ({ value, label }));
}
