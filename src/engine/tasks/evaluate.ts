import type { FlipOptions } from "../../protocol/editOptions.ts";
import { type Evaluation, evaluation } from "../../protocol/measurements.ts";
import type { Run } from "../../protocol/run.ts";
import { type EvaluateOptions, evaluate as measure } from "../evaluate/evaluate.ts";
import { evaluationHtml } from "../evaluate/evaluationHtml.ts";
import { aimed } from "./aim.ts";
import type { Engine } from "./engine.ts";
import { checkOutputs, json, type Outputs, type Writers } from "./outputs.ts";
import { chooseNames, editOptionsOf, type NameChoice, recordedNames } from "./request.ts";

export interface EvaluateParams
  extends FlipOptions,
    NameChoice,
    Outputs,
    Pick<EvaluateOptions, "keys" | "scales" | "seed"> {
  /** Analysed data set that has the vector; left out: the one at hand for the open model. */
  readonly vector?: string;
}

/** Of the files that the command line writes once it has printed the result. */
export const evaluationWriters: Writers<Evaluation> = {
  name: "an evaluation",
  schema: evaluation,
  formats: { ".json": json, ".html": evaluationHtml },
};

/** CounterFact's measures of each name's edit, by kind of key, and of the vector by scale. */
export async function evaluate(
  engine: Engine,
  { names, sample, keys, scales, seed = 0, vector, out, concept: given = engine.concept, ...options }: EvaluateParams,
  run: Run,
): Promise<Evaluation> {
  await checkOutputs(out, evaluationWriters);
  const subjects = await chooseNames(engine, given, { names, sample });
  const { rome, name } = await engine.open();
  const concept = await aimed(engine, given, options.forms, run);
  const needsVector = vector !== undefined || (scales?.length ?? 0) > 0;
  const recorded = needsVector ? await engine.recorded(vector) : undefined;
  const settings = { ...editOptionsOf(options), keys, scales, vector: recorded?.classifier.vector, seed };
  return measure(rome, name, subjects, await recordedNames(engine, concept), concept, settings, run);
}
