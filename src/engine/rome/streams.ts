import { throwIfCancelled } from "../../protocol/errors.ts";
import type { Run } from "../../protocol/run.ts";
import type { Request } from "./prompt.ts";
import type { EditOptions, Rome } from "./rome.ts";
import { prepare } from "./solve.ts";

/** The residual stream after the edit layer at the last token of each subject [n, d], in the bare prompt. */
export async function streamsAt(
  rome: Rome,
  requests: readonly Omit<Request, "target">[],
  options: EditOptions,
  run: Run,
): Promise<Float32Array> {
  const { layer } = await rome.basis({ ...options, contexts: "none" }, run);
  const { width: d } = rome.model.size;
  const contexts = ["{}"];
  const size = rome.batchSize(
    requests.map((request) => ({ ...request, targets: [] })),
    contexts,
    layer,
  );
  const streams = new Float32Array(requests.length * d);
  for (let start = 0; start < requests.length; start += size) {
    throwIfCancelled(run.signal);
    const part = requests.slice(start, start + size).map((request) => ({ ...request, target: "" }));
    const { prepared, rows } = await prepare(rome.model, part, contexts, layer, run);
    const { stream, n } = prepared.lowered;
    for (const [i, { bare }] of rows.entries())
      streams.set(stream.subarray(bare * n * d, (bare * n + 1) * d), (start + i) * d);
  }
  return streams;
}
