import type { Health, Proof } from "../protocol/editEntry.ts";
import type { FlipResult, Outcome, StepLoss } from "../protocol/results.ts";

/** A fraction as per cent, always with one digit. */
export function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(1)} %`;
}

/** A time to wait, as it is said: "40 s", "12 min", "3.5 h". */
export function duration(seconds: number): string {
  if (seconds < 120) return `${Math.ceil(seconds)} s`;
  return seconds < 7200 ? `${Math.ceil(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

const ticks = "▁▂▃▄▅▆▇█";

/** Numbers as a row of bars, the largest the highest. */
export function sparkline(values: readonly number[]): string {
  const top = Math.max(...values, Number.MIN_VALUE);
  return values.map((value) => ticks[Math.min(7, Math.floor((value / top) * 7.999))]).join("");
}

export function flipText(result: FlipResult): string {
  const { name, from, to, losses, score, projection, entry, proof } = result;
  const last = losses.at(-1) as StepLoss;
  return [
    `${name}: ${from} → ${to}${result.flipped ? "" : "   (not flipped)"}`,
    `  prompt  ${result.prompt}`,
    ...side("before", result.before),
    ...side("after", result.after),
    `  loss    ${losses.map(({ total }) => total.toFixed(3)).join(" → ")}   ${sparkline(losses.map(({ total }) => total))}`,
    `  ‖Δv‖    ${result.deltaNorm.toFixed(2)} (‖v‖ ${result.valueNorm.toFixed(2)}), layer ${result.layer}, ` +
      `${losses.length} evaluations, P(${to}) over the contexts ${percent(last.probability)}, ${result.seconds.toFixed(2)} s`,
    `  key     kᵀu ${result.denominator.toFixed(3)}, ${result.covarianceTokens ? `covariance over ${result.covarianceTokens} tokens` : "no covariance (rome covariance counts one)"}`,
    ...(entry?.health ? healthText(entry.health) : []),
    ...(proof ? proofText(proof) : []),
    ...(score === null || projection === null
      ? []
      : [`  score   ${score.toFixed(2)} (classifier), projection ${projection.toFixed(2)} (gender vector)`]),
    ...result.warnings.map((warning) => `  note    ${warning}`),
  ].join("\n");
}

export function healthText({ verdict, denominatorShare, deltaRatio, drift, rolledBack }: Health): string[] {
  const parts = [
    `kᵀu/‖k‖ ${denominatorShare.toFixed(3)}`,
    `‖Δv‖/‖v‖ ${deltaRatio.toFixed(2)}`,
    ...(drift ? [`drift ${drift.kl.toPrecision(2)} nats`] : []),
  ];
  return [`  health  ${rolledBack ? "bad, rolled back" : verdict} (${parts.join(", ")})`];
}

export function proofText({
  untouched,
  hashed,
  hash,
  hashAfter,
  probability: { before, with: live, removed },
}: Proof): string[] {
  const failure = hash === hashAfter ? "THE OLD ANSWER DID NOT COME BACK" : "WEIGHTS CHANGED ON DISK";
  const verdict = untouched ? "weights untouched" : failure;
  const what = hashed === "all" ? "all weights" : "the edited matrix, samples of the rest";
  return [
    `  proof   P(target) ${percent(before)} before, ${percent(live)} with, ${percent(removed)} with the edit off; ` +
      `${verdict} (${what}, sha256 ${hash.slice(0, 12)})`,
  ];
}

function side(label: string, { completion, probability }: Outcome): string[] {
  const shares = Object.entries(probability).map(([name, share]) => `P(${name}) ${percent(share)}`);
  return [`  ${label.padEnd(7)} ${JSON.stringify(completion)}`, `          ${shares.join("   ")}`];
}
