/** What the numbers mean, in plain words: one place for every tooltip. */
import { t } from "@vscode/l10n";
import type { Health } from "../../protocol/editEntry.ts";
import { fixed, significant } from "../../text/numbers.ts";

export const meanings = {
  score: () =>
    t(
      "Classifier score: how surely a classifier, trained on the recorded edits, tells this edit's direction from Δv alone. 0 is undecided, ±4.6 is 99 % sure.",
    ),
  projection: () =>
    t("Projection: how far Δv reaches along the vector; the sign is the direction, the size the strength."),
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
      drift ? significant(drift.kl, 2) : "?",
    ),
  edits: () => t("Names that were edited, each by itself, with the original weights in between."),
  flipped: () => t("Edits after which the likelier answer, and the first word the model writes, are the other one."),
  testAccuracy: () =>
    t(
      "How often the classifier, trained on part of the edits, names the direction of an edit it has never seen, from Δv alone. The interval holds the true share with 95 % confidence.",
    ),
  balancedAccuracy: () =>
    t("The mean of the accuracies of the two directions: 50 % for a classifier that always says the same."),
  shuffledLabels: () =>
    t(
      "The same classifier trained on directions that were dealt out at random: what can be had by chance. The range holds 95 % of the shuffles.",
    ),
  onValues: () =>
    t("The same classifier given v, what the layer writes before the edit, instead of Δv: what the name alone tells."),
  vectorNorm: () =>
    t("‖g‖: the length of the vector at scale 1. Beside a typical ‖Δv‖ it says how strong a push that is."),
  cosineToMeanDifference: () =>
    t(
      "How far g and the difference between the mean Δv of both directions point the same way: 1 is the same way, 0 across.",
    ),
  cosineToWeights: () =>
    t(
      "How far g, which keeps only the signs of the classifier's weights, points the way the weights do: 1 is the same.",
    ),
  bestScale: () =>
    t("The multiple of g with which most names outside the experiment change as wished while the others stay."),
  changedAt: () =>
    t("The share of names outside the experiment of which the model says the other answer with this much of g added."),
  stayedAt: () =>
    t(
      "The share of names outside the experiment whose answer this much of g, which pushes towards it, leaves as it is.",
    ),
  steps: () => t("Evaluations of the loss until the new answer was likely enough."),
};
