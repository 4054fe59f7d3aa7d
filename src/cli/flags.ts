import type { Argument, Command } from "commander";
import { RomeError } from "../protocol/errors.ts";
import { scaleRange } from "../protocol/steer.ts";

/** Collects the values of an option that may be given several times. */
export function collect(value: string, earlier: readonly string[] = []): string[] {
  return [...earlier, value];
}

/** @throws RomeError "input" that names the option */
export function wholeNumber(text: string, option: string, least: number, most = Number.MAX_SAFE_INTEGER): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isInteger(value) || value < least || value > most) {
    const range = most < Number.MAX_SAFE_INTEGER ? `from ${least} to ${most}` : `from ${least}`;
    throw new RomeError("input", `${option} takes a whole number ${range}, not ${JSON.stringify(text)}.`);
  }
  return value;
}

/** @throws RomeError "input" that names the option */
export function finiteNumber(text: string, option: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value))
    throw new RomeError("input", `${option} takes a number, not ${JSON.stringify(text)}.`);
  return value;
}

/** @throws RomeError "input" that names the option */
export function positiveNumber(text: string, option: string): number {
  const value = finiteNumber(text, option);
  if (value <= 0) throw new RomeError("input", `${option} takes a number above 0, not ${value}.`);
  return value;
}

/**
 * A vector's scale.
 *
 * @throws RomeError "input" for a number out of range
 */
export function vectorScale(text: string): number {
  const scale = finiteNumber(text, "--scale");
  const [least, most] = scaleRange;
  if (scale < least || scale > most)
    throw new RomeError("input", `--scale takes a number from ${least} to ${most}, not ${scale}.`);
  if (scale === 0) throw new RomeError("input", "--scale 0 adds nothing. Give another number, or leave it out.");
  return scale;
}

/**
 * The text to look into, which a command takes as its argument or as --prompt.
 *
 * @throws RomeError "input" for both
 */
export function onePrompt(argument: string | undefined, option: string | undefined): string {
  if (argument !== undefined && option !== undefined)
    throw new RomeError(
      "input",
      `Two prompts are given: ${JSON.stringify(argument)}, and --prompt ${JSON.stringify(option)}. Leave one out.`,
    );
  return argument ?? option ?? "";
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

/**
 * Refuses what no command takes: a value that is empty, and names beside flags that say how to choose some.
 *
 * @throws RomeError "input" that names the option or the argument
 */
export function checkGiven(command: Command): void {
  const isEmpty = (value: unknown) => typeof value === "string" && value.trim() === "";
  for (let owner: Command | null = command; owner; owner = owner.parent)
    for (const option of owner.options) {
      const value: unknown = owner.getOptionValue(option.attributeName());
      if ([value].flat().some(isEmpty))
        throw new RomeError("input", `${option.long} is empty. Give it a value, or leave it out.`);
    }
  const names = command.registeredArguments.map((argument: Argument) => argument.name());
  if (!names.includes("names") && command.args.some(isEmpty))
    throw new RomeError("input", `An argument (${names.join(", ")}) is empty. Give it a value.`);
  if (names.includes("names") && behindDashes(command, command.args).own.length > 0)
    refuseGiven(command, ["names", "count"], "goes without names of your own: it draws a sample");
}

/** A command's arguments: its own, and those behind `--`, which are the scheduler's where --on is given. */
export function behindDashes(command: Command, listed: readonly string[]): { own: string[]; scheduler: string[] } {
  const { rawArgs } = command.parent as unknown as { rawArgs: readonly string[] };
  const dashes = rawArgs.indexOf("--");
  const theirs = dashes < 0 || command.getOptionValue("on") === undefined ? 0 : rawArgs.length - dashes - 1;
  return { own: listed.slice(0, listed.length - theirs), scheduler: listed.slice(listed.length - theirs) };
}

/** Refuses options that were given to a command that does not use them: `why` is the rest of the sentence. */
export function refuseGiven(command: Command, attributes: readonly string[], why: string): void {
  for (const option of command.options)
    if (attributes.includes(option.attributeName()) && command.getOptionValueSource(option.attributeName()) === "cli")
      throw new RomeError("input", `${option.long} ${why}. Leave it out.`);
}
