import type { FlipOptions } from "../../protocol/editOptions.ts";
import type { Preflight } from "../../protocol/engine.ts";
import type { Run } from "../../protocol/run.ts";
import { preflight as look } from "../rome/preflight.ts";
import { aimed } from "./aim.ts";
import type { Engine } from "./engine.ts";
import { checkSubject, editOptionsOf } from "./request.ts";

export interface PreflightParams extends FlipOptions {
  readonly name: string;
  /** Prompt with one {} where the name goes; left out: the concept's. */
  readonly template?: string;
  /** The continuation to write; left out: both of the concept's are looked at. */
  readonly target?: string;
}

/** What is known of an edit before it is made: how the prompt is read, and the key's denominator. */
export async function preflight(
  engine: Engine,
  { name, template, target, concept = engine.concept, ...options }: PreflightParams,
  run: Run,
): Promise<Preflight> {
  const { rome } = await engine.open();
  const subject = checkSubject(name);
  // A prompt that is still being typed is not worth measuring.
  const both = async () =>
    (await aimed(engine, concept, options.forms, run, { measuring: false })).targets.map(({ text }) => text);
  const request = {
    subject,
    template: template ?? concept.prompt,
    targets: target === undefined ? await both() : [target],
  };
  return look(rome, request, editOptionsOf(options), run);
}
