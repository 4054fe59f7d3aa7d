import type { Report } from "../../protocol/results.ts";
import { percent, rateWithInterval } from "../../text/numbers.ts";
import type { Manifest } from "./manifest.ts";

/** A paragraph for a paper's methods section: what was done with which numbers, and what came out. */
export function methods(
  manifest: Manifest,
  { split, classifier, vector, transfer, validation, recorded, seed }: Report,
): string {
  const { model, prompt, targets, layer, key, covarianceTokens, hyperParameters: given, contexts, names } = manifest;
  const number = (name: string) => String(given[name]);
  const covariance =
    covarianceTokens > 0
      ? `the uncentred covariance of keys over ${covarianceTokens} tokens`
      : "no covariance (the identity in its place)";
  const [first, second] = targets.map(({ text }) => `"${text.trim()}"`);
  const [low, high] = classifier.interval95;
  const best = transfer.find((row) => row.vector === "concept" && row.scale === vector.scale);
  const versions = Object.entries(manifest.versions).map(([program, version]) => `${program} ${version}`);
  return [
    `We edited ${model.name} (SHA-256 fingerprint ${model.fingerprint.slice(0, 16)}) with Rank-One Model Editing (ROME; Meng et al., 2022), one name at a time, after the prompt "${prompt}", from the answer the model gave to the other of ${first} and ${second}.`,
    `Edits were made in the MLP of layer ${layer} at the last token of the name (keys: ${key}), with ${contexts.length} prefix contexts and ${covariance};`,
    `v* was found by Adam (learning rate ${number("v_lr")}, at most ${number("v_num_grad_steps")} steps, weight decay ${number("v_weight_decay")}, KL factor ${number("kl_factor")}, loss at layer ${number("v_loss_layer")}, ‖Δv‖ at most ${number("clamp_norm_factor")} ‖v‖).`,
    `Of ${names.count} names (list SHA-256 ${names.sha256.slice(0, 16)}) ${recorded.total} were edited and ${recorded.flipped} changed their answer; Δv = v* − v was kept.`,
    `A logistic regression (L2 regularization ${classifier.regularization}, chosen by cross-validation) was trained on ${split.train} of the Δv and tested on ${split.test} (seed ${seed}): accuracy ${percent(classifier.testAccuracy)} (95 % interval ${percent(low)} to ${percent(high)}; ${percent(classifier.shuffledLabels.mean)} with shuffled labels).`,
    `The vector is sign(w) of its weights w, the maximum of the classifier over [−1, 1]^d.`,
    ...(best
      ? [
          `Added to the layer's output at scale ${best.scale}${validation ? ", chosen on the other half of the new names," : ""} for names outside the data, it changed ${rateWithInterval(best.plus.changed)} from ${first} to ${second} and left ${rateWithInterval(best.plus.stayed)}; subtracted, it changed ${rateWithInterval(best.minus.changed)} from ${second} to ${first} and left ${rateWithInterval(best.minus.stayed)}.`,
        ]
      : []),
    `Software: rome-gender-vectors${versions.length > 0 ? ` with ${versions.join(", ")}` : ""}; completions are greedy.`,
  ].join(" ");
}
