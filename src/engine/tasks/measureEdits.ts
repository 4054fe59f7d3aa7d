import * as v from "valibot";
import type { FlipOptions } from "../../protocol/editOptions.ts";
import type { Run } from "../../protocol/run.ts";
import { type ManyEdits, measureMany } from "../evaluate/manyEdits.ts";
import { manyEditsHtml, manyEditsSvg } from "../evaluate/manyEditsHtml.ts";
import { aimed } from "./aim.ts";
import type { Engine } from "./engine.ts";
import { checkOutputs, json, type Outputs, type Writers } from "./outputs.ts";
import { chooseNames, editOptionsOf, type NameChoice, namesOf } from "./request.ts";

export interface MeasureParams extends FlipOptions, NameChoice, Outputs {
  /** Numbers of edits to measure; left out: 1, 2, 5, 10, … up to the names there are. */
  readonly counts?: readonly number[];
  /** λ of the second moment in the batch update. */
  readonly weight: number;
  readonly seed: number;
}

const usual = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];
/** Of the files that the command line writes once it has printed the result. */
export const manyEditsWriters: Writers<ManyEdits> = {
  name: "a measurement of many edits",
  schema: v.object({ covarianceTokens: v.number(), weight: v.number(), rows: v.array(v.looseObject({})) }),
  formats: { ".json": json, ".html": manyEditsHtml, ".svg": manyEditsSvg },
};

/** Many edits at once: how many succeed and what else changes, as sums, in turn and as one batch update. */
export async function measureEdits(
  engine: Engine,
  { names, sample, counts, weight, seed, out, concept: given = engine.concept, ...options }: MeasureParams,
  run: Run,
): Promise<ManyEdits> {
  await checkOutputs(out, manyEditsWriters);
  const subjects = await chooseNames(engine, given, { names, sample });
  const { rome, name } = await engine.open();
  const concept = await aimed(engine, given, options.forms, run);
  const { recorded, fresh } = await namesOf(engine, concept, seed);
  const pool = [...fresh, ...recorded].map((row) => row.name);
  const settings = {
    ...editOptionsOf(options),
    counts: counts ?? [...usual.filter((count) => count < subjects.length), subjects.length],
    weight,
    seed,
  };
  return measureMany(rome, name, subjects, pool, concept, settings, run);
}
