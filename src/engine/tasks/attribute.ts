import { type Attribution, type AttributionParams, attribution as schema } from "../../protocol/attribution.ts";
import type { Run } from "../../protocol/run.ts";
import { attributionColumns, attributionCsv } from "../../text/attributionCsv.ts";
import { attributionPicture } from "../../text/attributionPicture.ts";
import { pictureSvg } from "../../text/picture.ts";
import { attribute as attributeTo } from "../attribute/attribute.ts";
import { aimed } from "./aim.ts";
import type { Engine } from "./engine.ts";
import { liveEdits } from "./liveEdits.ts";
import { checkOutputs, json, type Outputs, type Writers } from "./outputs.ts";

export interface AttributionTask extends AttributionParams, Outputs {
  /** `.romedit` files that are on beside `edits`. */
  readonly files?: readonly string[];
}

/** Of the files that the command line writes once it has printed the result. */
export const attributionWriters: Writers<Attribution> = {
  name: "an attribution",
  schema,
  formats: { ".json": json, ".csv": attributionCsv, ".svg": (found) => pictureSvg(attributionPicture(found)) },
  header: attributionColumns.join(","),
};

/** What each part of the model adds to the difference of two logits, before and after edits. */
export async function attribute(
  engine: Engine,
  { out, files, edits, targets, ...request }: AttributionTask,
  run: Run,
): Promise<Attribution> {
  await checkOutputs(out, attributionWriters);
  const live = await liveEdits(engine, { files, edits });
  const { rome, name } = await engine.open();
  const written = async () => {
    const [a, b] = (await aimed(engine, engine.concept, {}, run)).targets;
    return [a.text, b.text] as [string, string];
  };
  return attributeTo(rome.model, name, { ...request, targets: targets ?? (await written()), edits: live }, run);
}
