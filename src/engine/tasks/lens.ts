import { type Lens, type LensParams, lens as schema } from "../../protocol/lens.ts";
import type { Run } from "../../protocol/run.ts";
import { lensColumns, lensCsv } from "../../text/lensCsv.ts";
import { lensPicture } from "../../text/lensPicture.ts";
import { pictureSvg } from "../../text/picture.ts";
import { look } from "../lens/lens.ts";
import type { Engine } from "./engine.ts";
import { liveEdits } from "./liveEdits.ts";
import { checkOutputs, json, type Outputs, type Writers } from "./outputs.ts";

export interface LensTask extends LensParams, Outputs {
  /** `.romedit` files that are on beside `edits`. */
  readonly files?: readonly string[];
}

/** Of the files that the command line writes once it has printed the result. */
export const lensWriters: Writers<Lens> = {
  name: "a lens",
  schema,
  formats: { ".json": json, ".csv": lensCsv, ".svg": (found) => pictureSvg(lensPicture(found)) },
  header: lensColumns.join(","),
};

/** What each layer of the model would say of a prompt, before and after edits. */
export async function lens(engine: Engine, { out, files, edits, ...request }: LensTask, run: Run): Promise<Lens> {
  await checkOutputs(out, lensWriters);
  const live = await liveEdits(engine, { files, edits });
  const { rome, name } = await engine.open();
  return look(rome.model, name, { ...request, edits: live }, run);
}
