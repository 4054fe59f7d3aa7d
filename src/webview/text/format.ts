/** Numbers as the views write them: the same digits everywhere, a true minus sign, probabilities as per cent. */

const minus = "−";
const thinSpace = "\u2009";

/** Fixed digits with a true minus sign; a negative zero is zero; "–" for what is not a number. */
export function fixed(value: number, digits: number): string {
  if (!Number.isFinite(value)) return "–";
  const text = value.toFixed(digits);
  return Number(text) === 0 ? text.replace("-", "") : text.replace("-", minus);
}

/** The same with a plus sign where it is positive: "+5.2", "−12.7", "0.0". */
export function signed(value: number, digits = 1): string {
  const text = fixed(value, digits);
  return Number(value.toFixed(digits)) > 0 ? `+${text}` : text;
}

/** Decimals that a multiple of `step` needs to be written exactly: 2 for 0.25, 1 for 2.5, 0 for 5; at most 10. */
export function decimals(step: number): number {
  let digits = 0;
  while (digits < 10 && Math.abs(step * 10 ** digits - Math.round(step * 10 ** digits)) > 1e-6) digits++;
  return digits;
}

/** Decimals that show three digits of a number of this size: 5 for 0.0042, 1 for 31.2. */
export function threeDigits(size: number): number {
  return size > 0 ? Math.min(10, Math.max(0, 2 - Math.floor(Math.log10(size)))) : 0;
}

/** A fraction as per cent: "99.2 %". What rounds to an end without being there is told apart: "> 99.9 %", "< 0.1 %". */
export function percent(fraction: number, digits = 1): string {
  if (!Number.isFinite(fraction)) return "–";
  const step = 10 ** -digits;
  const unit = `${thinSpace}%`;
  if (fraction > 0 && fraction * 100 < step / 2) return `<${thinSpace}${fixed(step, digits)}${unit}`;
  if (fraction < 1 && fraction * 100 > 100 - step / 2) return `>${thinSpace}${fixed(100 - step, digits)}${unit}`;
  return `${fixed(fraction * 100, digits)}${unit}`;
}

/** "12,345" */
export function count(value: number): string {
  return fixed(value, 0).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** "996 of 1,000" */
export function outOf(part: number, total: number): string {
  return `${count(part)} of ${count(total)}`;
}

/** Seconds in words: "0.6 s", "45 s", "2 min 05 s", "1 h 03 min". */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return "–";
  if (seconds < 9.95) return `${fixed(seconds, 1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const pad = (n: number) => String(n).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${pad(whole % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} min`;
}

/** A direction, always with an arrow: "female→male". */
export function direction(from: string, to: string): string {
  return `${from}→${to}`;
}
