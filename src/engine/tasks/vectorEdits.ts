import type { Params, Result } from "../../protocol/engine.ts";
import type { Run } from "../../protocol/run.ts";
import { labelsOf } from "../concept/concept.ts";
import { apply } from "../experiment/apply.ts";
import { basisOf } from "../experiment/experiment.ts";
import { encodeEdit } from "../rome/edit.ts";
import type { Engine } from "./engine.ts";
import { checkNames } from "./request.ts";

/**
 * Edits that write the vector for each name: with the given sign, else with the one that takes the name from what the
 * model says of it to the other label.
 *
 * @throws RomeError "data" where there is no vector for the open model
 */
export async function vectorEdits(
  engine: Engine,
  { names, scale, sign, maxTokens }: Params<"vectorEdits">,
  run: Run,
): Promise<Result<"vectorEdits">> {
  const { classifier, manifest } = await engine.recorded();
  const { rome } = await engine.open();
  const { concept } = engine;
  const [first] = labelsOf(concept);
  const scaleFor = (label: string) => scale * (sign ?? (label === first ? 1 : -1));
  const settings = { ...basisOf(manifest), maxTokens };
  const applied = await apply(
    rome,
    classifier.vector,
    scaleFor,
    checkNames(engine, concept, names),
    concept,
    settings,
    run,
  );
  return applied.map(({ edit, scale: signed, ...view }) => ({ view, scale: signed, edit: encodeEdit(edit) }));
}
