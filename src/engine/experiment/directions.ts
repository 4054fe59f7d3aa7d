import type { Run } from "../../protocol/run.ts";
import type { Checkpoint } from "../checkpoint/openCheckpoint.ts";
import type { Model } from "../model/model.ts";
import { leace, type Projection } from "../numerics/leace.ts";
import { rowsOf } from "../numerics/rows.ts";
import { lookUp } from "../rome/lookUp.ts";
import { Shared } from "../run/shared.ts";
import { Dataset } from "./dataset.ts";

const fitted = new WeakMap<Checkpoint, Shared<Projection>>();
/** Names that are run together. */
const namesPerRun = 64;

/**
 * The erasure of a data set's labels at a layer: LEACE of v at each name's last token, and the label that the model gave.
 * v is as recorded; of another layer, or where it was not kept, it is computed. Fitted once a process.
 */
export function erasureOf(model: Model, folder: string, layer: number, run: Run): Promise<Projection> {
  const known = fitted.get(model.checkpoint) ?? new Shared<Projection>();
  fitted.set(model.checkpoint, known);
  return known.get(`${layer} ${folder}`, (fitting) => fitErasure(model, folder, layer, fitting), run);
}

async function fitErasure(model: Model, folder: string, layer: number, run: Run): Promise<Projection> {
  const dataset = await Dataset.open(folder);
  const { manifest } = dataset;
  const { records, value } = await dataset.read();
  const { width } = model.size;
  const recorded = value?.length && manifest.layer === layer ? value : undefined;
  const values = recorded ?? new Float32Array(records.length * width);
  for (let start = 0; !recorded && start < records.length; start += namesPerRun) {
    const requests = records
      .slice(start, start + namesPerRun)
      .map(({ name }) => ({ subject: name, template: manifest.prompt }));
    const found = await lookUp(model, requests, ["{}"], layer, run);
    for (const [i, { bareValue }] of found.entries()) values.set(bareValue, (start + i) * width);
    run.progress({ phase: "erase", done: Math.min(start + namesPerRun, records.length), total: records.length });
  }
  const second = manifest.targets[1].label;
  return leace(
    rowsOf(values, width),
    records.map(({ from }) => (from === second ? 1 : 0)),
  );
}
