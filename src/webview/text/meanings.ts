/** What the numbers mean, in plain words: one place for every tooltip. */
import { t } from "@vscode/l10n";
import type { Health } from "../../protocol/editEntry.ts";
import { fixed } from "../../text/numbers.ts";

export const meanings = {
  score: () =>
    t(
      "Classifier score: how surely a classifier, trained on the recorded edits, tells this edit's direction from Δv alone. 0 is undecided, ±4.6 is 99 % sure.",
    ),
  projection: () =>
    t("Projection: how far Δv reaches along the gender vector; the sign is the direction, the size the strength."),
  form: () => t("The written form of the answer that the edit aims at: the one this model writes most, unless chosen."),
  deltaNorm: () => t("‖Δv‖: the length of what the edit adds to the layer's output at the name."),
  valueNorm: () => t("‖v‖: the length of what the layer writes at the name without the edit."),
  denominator: () =>
    t("kᵀu: how well the edit's key direction matches the name's key. Close to zero, the edit grows out of bounds."),
  health: ({ denominatorShare, deltaRatio, drift }: Health) =>
    t(
      "Health: kᵀu is {0} of ‖k‖, ‖Δv‖ is {1} of ‖v‖, unrelated prompts drift by {2} nats. A bad edit is rolled back.",
      fixed(denominatorShare, 3),
      fixed(deltaRatio, 2),
      drift ? drift.kl.toPrecision(2) : "?",
    ),
  steps: () => t("Evaluations of the loss until the new answer was likely enough."),
};
