import { createHash } from "node:crypto";
import { join } from "node:path";
import { throwIfCancelled } from "../../protocol/errors.ts";
import type { Run } from "../../protocol/run.ts";
import { readSafetensors, writeSafetensors } from "../checkpoint/tensorFile.ts";
import type { ApplyOptions } from "../experiment/apply.ts";
import { makeFolder } from "../files/makeFolder.ts";
import { type Rows, rowsOf } from "../numerics/rows.ts";
import { stratifiedOrder } from "../numerics/split.ts";
import type { Request } from "../rome/prompt.ts";
import type { Evidence } from "./evidence.ts";

/** Requests whose Δv's are kept together: what an interruption costs at most. */
const batch = 8;

/**
 * Δv [n, d] of further edits, kept beside the data set: calling it again goes on with those that are missing.
 *
 * @param options what they rest on, if not what the data set rests on
 */
export async function recordDeltas(
  { rome, folder, recording, manifest, deltas }: Evidence,
  requests: readonly Request[],
  options: ApplyOptions,
  run: Run,
): Promise<Rows> {
  const all = { ...recording, ...options };
  const place = join(folder, "referee", "recordings");
  await makeFolder(place);
  const { width } = deltas;
  const data = new Float64Array(requests.length * width);
  for (let start = 0; start < requests.length; start += batch) {
    throwIfCancelled(run.signal);
    const part = requests.slice(start, start + batch);
    const meant = JSON.stringify([manifest.model.fingerprint, all, part]);
    const path = join(place, `${createHash("sha256").update(meant).digest("hex").slice(0, 24)}.safetensors`);
    const known = await readSafetensors(path).catch(() => undefined);
    let delta = known?.tensors.get("delta")?.data;
    if (!(delta instanceof Float32Array) || delta.length !== part.length * width) {
      const results = await rome.edit(part, all, { ...run, progress: () => {} });
      delta = Float32Array.from(results.flatMap((result) => [...result.delta]));
      await writeSafetensors(path, { delta: { shape: [part.length, width], data: delta } });
    }
    data.set(delta, start * width);
    run.progress({ phase: "record", done: start + part.length, total: requests.length });
  }
  return rowsOf(data, width);
}

/** Some of the training names, of both groups in their shares: [position among the recorded, 1 for the first label]. */
export function sampleOf({ train, labels, settings, random }: Evidence, stream: string): number[] {
  const order = stratifiedOrder(
    train.map((row) => labels[row] as number),
    random(stream),
  );
  return order.slice(0, settings.records).map((place) => train[place] as number);
}

/** The edits that turn these recorded names, with a prompt and texts. */
export function turning({ names, labels, concept }: Evidence, rows: readonly number[]): Request[] {
  const [first, second] = concept.targets;
  return rows.map((row) => ({
    subject: names[row] as string,
    template: concept.prompt,
    target: labels[row] === 1 ? second.text : first.text,
  }));
}
