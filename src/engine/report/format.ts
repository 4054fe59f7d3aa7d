import type { Rate } from "../../protocol/results.ts";

/** A fraction as per cent with one digit: "99.6 %", but "100 %" and "0 %" only where exactly so. */
export function percent(share: number): string {
  if (share === 0 || share === 1) return `${share * 100} %`;
  return `${Math.min(99.9, Math.max(0.1, share * 100)).toFixed(1)} %`;
}

/** A count with thousands marked. */
export function count(value: number): string {
  return value.toLocaleString("en-US");
}

/** A number with a fixed number of digits and a true minus sign. */
export function fixed(value: number, digits = 1): string {
  return value
    .toFixed(digits)
    .replace(/^-(?=.*[1-9])/, "−")
    .replace(/^-/, "");
}

/** "female→male". */
export function direction(from: string, to: string): string {
  return `${from}→${to}`;
}

/** A share with its counts: "97.0 % (194 of 200)"; a dash where there was nothing to count. */
export function rateText({ changed, total }: Rate): string {
  return total === 0 ? "–" : `${percent(changed / total)} (${count(changed)} of ${count(total)})`;
}

/** "1 name", "2 names". */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}
