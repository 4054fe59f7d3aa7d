import type { Run } from "../../protocol/run.ts";
import { lookedUp } from "./lookUp.ts";
import type { Request } from "./prompt.ts";
import type { EditOptions, Rome } from "./rome.ts";

/** The residual stream after the edit layer at the last token of each subject [n, d], in the bare prompt. */
export async function streamsAt(
  rome: Rome,
  requests: readonly Omit<Request, "target">[],
  options: EditOptions,
  run: Run,
): Promise<Float32Array> {
  const { layer } = await rome.basis({ ...options, contexts: "none" }, run);
  const { width: d } = rome.model.size;
  const streams = new Float32Array(requests.length * d);
  let name = 0;
  for await (const { rows, lowered } of lookedUp(rome.model, requests, ["{}"], layer, run))
    for (const { bare } of rows)
      streams.set(lowered.stream.subarray(bare * lowered.n * d, (bare * lowered.n + 1) * d), d * name++);
  return streams;
}
