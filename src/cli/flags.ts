import { RomeError } from "../engine/run/errors.ts";

/** Collects the values of an option that may be given several times. */
export function collect(value: string, earlier: readonly string[] = []): string[] {
  return [...earlier, value];
}

/** @throws RomeError "input" that names the option */
export function wholeNumber(text: string, option: string, least: number): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isInteger(value) || value < least)
    throw new RomeError("input", `${option} takes a whole number from ${least}, not ${JSON.stringify(text)}.`);
  return value;
}

/** @throws RomeError "input" that names the option */
export function finiteNumber(text: string, option: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value))
    throw new RomeError("input", `${option} takes a number, not ${JSON.stringify(text)}.`);
  return value;
}

/** One of the words that an option takes. */
export function oneOf<T extends string>(text: string, option: string, words: readonly T[]): T {
  const word = words.find((each) => each === text.trim());
  if (word === undefined)
    throw new RomeError("input", `${option} takes ${words.join(", ")}, not ${JSON.stringify(text)}.`);
  return word;
}

/** "512M", "2G" or a number of bytes. */
export function parseBytes(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([KMGT]?)i?B?$/i.exec(text.trim());
  const exponent = ["", "K", "M", "G", "T"].indexOf((match?.[2] ?? "").toUpperCase());
  if (!match)
    throw new RomeError("input", `${JSON.stringify(text)} is not an amount of memory; write for example 512M or 2G.`);
  return Math.floor(Number(match[1]) * 1024 ** exponent);
}

/** The value of an option as `read` takes it; undefined where the option is not given. */
export function given<T>(text: string | undefined, read: (text: string) => T): T | undefined {
  return text === undefined ? undefined : read(text);
}
