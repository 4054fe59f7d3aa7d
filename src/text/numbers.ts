/**
 * Numbers as every page, view and terminal writes them: a true minus sign, "–" for what is not a number. Views of the
 * editor write them as its language does; everything else, above all what other programs read, as English does.
 */

const minus = "−";
/** Narrow, and no place to break a line. */
const narrowSpace = "\u202f";
const none = "–";
const english = "en";

let decimalSign = ".";
/** Made when first asked for, since it takes longer to make than all else a program begins with here. */
let grouped: Intl.NumberFormat | undefined;

/** From here on this program writes numbers as this language does: "de" gives 99,6 and 12.345. Unknown ones as English. */
export function writeNumbersIn(language: string): void {
  grouped = new Intl.NumberFormat([...knownTags(language), english]);
  decimalSign = grouped.formatToParts(0.5).find(({ type }) => type === "decimal")?.value ?? ".";
}

/** The tag, where it is well formed: pages of before a language was chosen have none. */
function knownTags(language: string): string[] {
  try {
    return Intl.getCanonicalLocales(language);
  } catch {
    return [];
  }
}

/** Digits as JavaScript writes them, with this program's signs. */
const signs = (text: string): string => text.replace("-", minus).replace(".", decimalSign);

/** Fixed digits with a true minus sign; a negative zero is zero; "–" for what is not a number. */
export function fixed(value: number, digits = 1): string {
  if (!Number.isFinite(value)) return none;
  const text = value.toFixed(digits);
  return signs(Number(text) === 0 ? text.replace("-", "") : text);
}

/** The same with a plus sign where it is positive: "+5.2", "−12.7", "0.0". */
export function signed(value: number, digits = 1): string {
  return Number.isFinite(value) && Number(value.toFixed(digits)) > 0
    ? `+${fixed(value, digits)}`
    : fixed(value, digits);
}

/** By how much two numbers differ as `fixed` shows them: what a reader finds who subtracts. */
export function shownDifference(from: number, to: number, digits = 1): number {
  return Number(to.toFixed(digits)) - Number(from.toFixed(digits));
}

/** Significant digits with a true minus sign, trailing zeros left away: "0.25", "−1.5", "1200". */
export function significant(value: number, digits = 6): string {
  return Number.isFinite(value) ? signs(String(Number(value.toPrecision(digits)))) : none;
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

/** A fraction as per cent with a given space; what would be rounded to an end without being there is told apart from it. */
function perCent(fraction: number, digits: number, space: string): string {
  const [step, half] = [10 ** -digits, 10 ** -digits / 2];
  if (fraction > 0 && fraction * 100 < half) return `<${space}${fixed(step, digits)}${space}%`;
  if (fraction < 1 && fraction * 100 > 100 - half) return `>${space}${fixed(100 - step, digits)}${space}%`;
  return `${fixed(100 * fraction, digits)}${space}%`;
}

/**
 * A fraction as per cent in plain text: "99.6 %", "< 0.1 %", "> 99.9 %"; "100 %" and "0 %" only where exactly so. "–" for
 * 0 of 0.
 */
export function percent(fraction: number, digits = 1): string {
  if (!Number.isFinite(fraction)) return none;
  return perCent(fraction, fraction === 0 || fraction === 1 ? 0 : digits, " ");
}

/** The same set for a view: always with these digits, so that columns stand below each other, and narrow spaces. */
export function typesetPercent(fraction: number, digits = 1): string {
  return Number.isFinite(fraction) ? perCent(fraction, digits, narrowSpace) : none;
}

/** "12,345" */
export function count(value: number): string {
  if (!Number.isFinite(value)) return none;
  grouped ??= new Intl.NumberFormat(english);
  return grouped.format(Math.round(value) || 0).replace("-", minus);
}

/** "996 of 1,000" */
export function outOf(part: number, total: number): string {
  return `${count(part)} of ${count(total)}`;
}

/** A share with its counts: "97.0 % (194 of 200)"; "–" where there was nothing to count. */
export function rateText({ count: part, total }: { readonly count: number; readonly total: number }): string {
  return total === 0 ? none : `${percent(part / total)} (${outOf(part, total)})`;
}

/** The same with its 95 % interval, where it has one: "98.0 % (98 of 100; 95 %: 93.0 % to 99.4 %)". */
export function rateWithInterval(rate: {
  readonly count: number;
  readonly total: number;
  readonly interval95?: readonly [number, number] | undefined;
}): string {
  const { count: part, total, interval95 } = rate;
  if (!interval95 || total === 0) return rateText(rate);
  return `${percent(part / total)} (${outOf(part, total)}; 95 %: ${interval95.map((end) => percent(end)).join(" to ")})`;
}
