import { defaultLimits, type Health, type HealthLimits } from "../../protocol/editEntry.ts";
import { fixed, percent } from "../../text/numbers.ts";
import { norm } from "../numerics/vectors.ts";
import type { EditResult } from "../rome/rome.ts";

/** A value beyond half of its limit is worth a word; one that the published clamp holds at 4 ‖v‖ is not beyond it. */
const doubtful = 0.501;

/**
 * Judges an edit by what is known to go with broken models: a small denominator, a long Δv, a drift of unrelated text.
 *
 * @param drift mean KL in nats over so many prompts; null where it was not measured
 */
export function judge(
  { edit, bareKey, deltaNorm, valueNorm }: Pick<EditResult, "edit" | "bareKey" | "deltaNorm" | "valueNorm">,
  drift: Health["drift"],
  { limits = {}, keepBad = false }: { limits?: Partial<HealthLimits>; keepBad?: boolean } = {},
): Health {
  const most = {
    denominatorShare: limits.denominatorShare ?? defaultLimits.denominatorShare,
    deltaRatio: limits.deltaRatio ?? defaultLimits.deltaRatio,
    drift: limits.drift ?? defaultLimits.drift,
  };
  const denominatorShare = Math.abs(edit.denominator) / norm(bareKey);
  const deltaRatio = deltaNorm / valueNorm;
  const checks = [
    {
      strain: most.denominatorShare / denominatorShare,
      reason: `The denominator kᵀu is ${percent(denominatorShare)} of the key's length; the limit is ${percent(most.denominatorShare)}. Try --key r-rome or p-rome.`,
    },
    {
      strain: deltaRatio / most.deltaRatio,
      reason: `‖Δv‖ is ${fixed(deltaRatio)} times ‖v‖; the limit is ${most.deltaRatio}. Fewer steps, more weight decay or a smaller clamp keep it short.`,
    },
    {
      strain: (drift?.kl ?? 0) / most.drift,
      reason: `Unrelated prompts drift by ${drift?.kl.toFixed(3)} nats; the limit is ${most.drift}. Another layer, or the covariance, may confine the edit.`,
    },
  ];
  const worst = Math.max(...checks.map(({ strain }) => strain));
  const verdict = worst > 1 ? "bad" : worst > doubtful ? "doubtful" : "good";
  return {
    denominator: edit.denominator,
    denominatorShare,
    deltaRatio,
    drift,
    verdict,
    // Beside a limit that was passed, one that was only come near would mislead.
    reasons: checks.filter(({ strain }) => strain > (verdict === "bad" ? 1 : doubtful)).map(({ reason }) => reason),
    rolledBack: verdict === "bad" && !keepBad,
  };
}

/** What the user is told about an edit that is not good. */
export function warningsOf({ verdict, reasons, rolledBack }: Health): string[] {
  if (rolledBack) return [`Rolled back: this edit is not in force. ${reasons.join(" ")}`];
  return verdict === "good" ? [] : [...reasons];
}
