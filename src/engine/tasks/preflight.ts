import type { FlipOptions } from "../../protocol/editOptions.ts";
import type { Preflight } from "../../protocol/engine.ts";
import { preflight as look } from "../rome/preflight.ts";
import type { Run } from "../run/run.ts";
import type { Engine } from "./engine.ts";
import { checkNames, editOptionsOf } from "./request.ts";

/**
 * What is known of an edit before it is made: how the prompt is read, and the key's denominator.
 *
 * @param params.target the continuation to write; left out: both of the concept are looked at
 */
export async function preflight(
  engine: Engine,
  {
    name,
    target,
    concept = engine.concept,
    ...options
  }: FlipOptions & { readonly name: string; readonly target?: string },
  run: Run,
): Promise<Preflight> {
  const { rome } = await engine.open();
  const [subject = ""] = checkNames([name]);
  const { prompt, targets } = concept;
  const request = {
    subject,
    template: prompt,
    targets: target === undefined ? targets.map(({ text }) => text) : [target],
  };
  return look(rome, request, editOptionsOf(options), run);
}
