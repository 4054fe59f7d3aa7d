import { necessary } from "./checks/necessary.ts";
import { newNames } from "./checks/newNames.ts";
import { notAnyPush } from "./checks/notAnyPush.ts";
import { notThePrompt } from "./checks/notThePrompt.ts";
import { notTheWord } from "./checks/notTheWord.ts";
import { onlyThat } from "./checks/onlyThat.ts";
import { readable } from "./checks/readable.ts";
import { stable } from "./checks/stable.ts";
import type { RefereeCheck } from "./trial.ts";

/** The eight checks, in the order of the card. */
export const checks: readonly RefereeCheck[] = [
  readable,
  newNames,
  notAnyPush,
  notTheWord,
  notThePrompt,
  stable,
  necessary,
  onlyThat,
];
