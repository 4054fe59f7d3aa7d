import type { Neighbour, Params } from "../../protocol/engine.ts";
import { Dataset } from "../experiment/dataset.ts";
import { dot, norm } from "../numerics/vectors.ts";
import { decodeEdit } from "../rome/edit.ts";
import type { Engine } from "./engine.ts";

/** Recorded names whose Δv has the largest cosine with what an edit writes; none where nothing was recorded of its layer. */
export async function nearest(engine: Engine, { edit, count }: Params<"nearest">): Promise<Neighbour[]> {
  const { rome, experiment } = await engine.open();
  if (experiment?.manifest.layer !== edit.layer) return [];
  const { r } = decodeEdit(edit, rome.model.size);
  const { records, delta } = await (await Dataset.open(experiment.folder)).read();
  const length = norm(r);
  return records
    .map(({ name, from }, i) => {
      const row = delta.subarray(i * r.length, (i + 1) * r.length);
      return { name, from, cosine: dot(row, r) / (norm(row) * length) };
    })
    .sort((a, b) => b.cosine - a.cosine)
    .slice(0, count);
}
