import type { AdapterEntry, Health, Place, Proof } from "../protocol/editEntry.ts";
import type { FlipView, Outcome, StepLoss } from "../protocol/results.ts";
import { fixed, percent, signed } from "../text/numbers.ts";
import { printable, printableLines } from "../text/printable.ts";

const ticks = "▁▂▃▄▅▆▇█";

/** Numbers as a row of bars, the largest the highest. */
export function sparkline(values: readonly number[]): string {
  const top = Math.max(...values, Number.MIN_VALUE);
  return values.map((value) => ticks[Math.min(7, Math.floor((value / top) * 7.999))]).join("");
}

/** Which model the figures are of, in a line; nothing of the embedded one. */
export function modelText(model: { readonly name: string } | undefined): string[] {
  return model === undefined || model.name === "embedded" ? [] : [`  model   ${printable(model.name)}`];
}

export function flipText(result: FlipView): string {
  const { name, from, to, losses, score, projection, health, proof } = result;
  const last = losses.at(-1) as StepLoss;
  return [
    `${printable(`${name}: ${from} → ${to}`)}${result.flipped ? "" : "   (not flipped)"}`,
    ...modelText(result.model),
    `  prompt  ${printable(result.prompt)}`,
    ...(result.form === undefined ? [] : [`  aim     ${printable(JSON.stringify(result.form))}`]),
    ...side("before", result.before),
    ...side("after", result.after),
    `  loss    ${losses.map(({ total }) => fixed(total, 3)).join(" → ")}   ${sparkline(losses.map(({ total }) => total))}`,
    `  ‖Δv‖    ${fixed(result.deltaNorm, 2)} (‖v‖ ${fixed(result.valueNorm, 2)}), layer ${result.layer}, ` +
      `${losses.length} evaluations, P(${printable(JSON.stringify(result.form ?? to))}) over the contexts ${percent(last.probability)}, ${fixed(result.seconds, 2)} s`,
    `  key     kᵀu ${fixed(result.denominator, 3)}, ${result.covarianceTokens ? `covariance over ${result.covarianceTokens} tokens` : "no covariance (rome covariance counts one)"}`,
    ...healthText(health),
    ...proofText(proof),
    ...(score === null || projection === null
      ? []
      : [`  score   ${fixed(score, 2)} (classifier), projection ${fixed(projection, 2)} (gender vector)`]),
    ...solveText(result),
    ...result.warnings.map((warning) => `  note    ${printableLines(warning)}`),
  ].join("\n");
}

/** Where the solve ended other than it should: out of steps, or with Δv as long as it may be. */
function solveText({ converged, losses, deltaNorm, valueNorm, clamp }: FlipView): string[] {
  // Float32 rounds what was clamped.
  const isClamped = clamp !== undefined && deltaNorm > 0.999 * clamp * valueNorm;
  const parts = [
    ...(converged ? [] : [`the loss did not converge within ${losses.length} steps`]),
    ...(isClamped ? [`‖Δv‖ is at its clamp, ${clamp} ‖v‖`] : []),
  ];
  return parts.length === 0 ? [] : [`  solve   ${parts.join("; ")}`];
}

export function healthText({ verdict, denominatorShare, deltaRatio, drift, rolledBack }: Health): string[] {
  const parts = [
    `kᵀu/‖k‖ ${fixed(denominatorShare, 3)}`,
    `‖Δv‖/‖v‖ ${fixed(deltaRatio, 2)}`,
    ...(drift ? [`drift ${drift.kl.toPrecision(2)} nats`] : []),
  ];
  return [`  health  ${rolledBack ? "bad, rolled back" : verdict} (${parts.join(", ")})`];
}

/** @param target the word that its probabilities are of, where that is not said elsewhere */
export function proofText(
  { untouched, hashed, hash, hashAfter, probability: { before, with: live, removed } }: Proof,
  target?: string,
): string[] {
  const failure = hash === hashAfter ? "THE OLD ANSWER DID NOT COME BACK" : "WEIGHTS CHANGED ON DISK";
  const verdict = untouched ? "weights untouched" : failure;
  const what = hashed === "all" ? "all weights" : "the edited matrix, samples of the rest";
  return [
    `  proof   P(${target === undefined ? "target" : JSON.stringify(target)}) ${percent(before)} before, ${percent(live)} with, ${percent(removed)} with the edit off; ` +
      `${verdict} (${what}, sha256 ${hash.slice(0, 12)})`,
  ];
}

function side(label: string, { completion, probability }: Outcome): string[] {
  const shares = Object.entries(probability).map(([name, share]) => `P(${printable(name)}) ${percent(share)}`);
  return [`  ${label.padEnd(7)} ${printable(JSON.stringify(completion))}`, `          ${shares.join("   ")}`];
}

/** What a vector does, on which layer, at which tokens. */
export function adapterText(entry: AdapterEntry): string {
  const { source, layer, at } = entry;
  return entry.kind === "steer"
    ? `${signed(entry.scale, 2)} × ${source}   layer ${layer}, ${placeText(at)}`
    : `without ${source}   layer ${layer}, ${placeText(at)}`;
}

function placeText(at: Place): string {
  if (typeof at === "object") return `at the last token of ${JSON.stringify(at.name)}`;
  return at === "all" ? "at all tokens" : "at the tokens that generate";
}
