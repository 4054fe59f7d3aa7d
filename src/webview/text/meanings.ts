/** What the numbers mean, in plain words: one place for every tooltip. */
import { t } from "@vscode/l10n";

export const meanings = {
  score: () =>
    t(
      "Classifier score: how surely a classifier, trained on the recorded edits, tells this edit's direction from Δv alone. 0 is undecided, ±4.6 is 99 % sure.",
    ),
  projection: () =>
    t("Projection: how far Δv reaches along the gender vector; the sign is the direction, the size the strength."),
  deltaNorm: () => t("‖Δv‖: the length of what the edit adds to the layer's output at the name."),
  valueNorm: () => t("‖v‖: the length of what the layer writes at the name without the edit."),
  denominator: () =>
    t("kᵀu: how well the edit's key direction matches the name's key. Close to zero, the edit grows out of bounds."),
  steps: () => t("Evaluations of the loss until the new answer was likely enough."),
};
