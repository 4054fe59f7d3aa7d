import * as v from "valibot";
import { RomeError } from "../protocol/errors.ts";

/** What an agent is told; anything that is not ours to explain says what it is, never its stack. */
export function refusal(error: unknown): string {
  const unknown = error instanceof v.ValiError && error.issues.find(({ expected }) => expected === "never");
  if (unknown) return unknown.message;
  if (error instanceof v.ValiError) return `These parameters cannot be used. ${v.summarize(error.issues)}`;
  if (RomeError.is(error)) return error.message;
  return `The tool failed: ${error instanceof Error ? error.message : String(error)}`;
}
