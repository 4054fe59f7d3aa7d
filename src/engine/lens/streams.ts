import type { Run } from "../../protocol/run.ts";
import type { Tracer } from "../model/graphs.ts";
import type { Model } from "../model/model.ts";
import { reals } from "../model/session.ts";
import { adaptersOf, type Row } from "../rome/adapters.ts";

/** Logits of one run: bounds its time and memory. */
const logitsPerRun = 2 ** 23;

/** The residual stream after every layer [layers][n, d] of a prompt, with its edits on. */
export async function streamsOf(model: Model, row: Row, run: Run): Promise<Float32Array[]> {
  const spec = { to: model.size.layers - 1, inside: "streams" } as const;
  const tokens = [model.tokenizer.encode(row.prompt)];
  const { inside } = await model.forward(spec, { tokens, adapters: adaptersOf(model.tokenizer, [row]) }, run);
  return model.layers.map((layer) => inside[`stream.${layer}`] as Float32Array);
}

/** Logits of rows of a residual stream [rows, d], by the model's own final norm and head, a row at a time. */
export async function* readOut(model: Model, stream: Float32Array, run: Run): AsyncGenerator<Float32Array> {
  const { width: d, vocabulary } = model.size;
  const rows = stream.length / d;
  const rowsPerRun = Math.max(1, Math.floor(logitsPerRun / vocabulary));
  for (let start = 0; start < rows; start += rowsPerRun) {
    const count = Math.min(rowsPerRun, rows - start);
    const feeds = { stream: reals(stream.subarray(start * d, (start + count) * d), count, d) };
    const { logits } = await model.compute({ key: "read out", trace: traceReadOut }, feeds, run);
    for (let row = 0; row < count; row++)
      yield (logits as Float32Array).subarray(row * vocabulary, (row + 1) * vocabulary);
  }
}

function traceReadOut({ graph, architecture, weights }: Tracer): void {
  const stream = graph.input("stream", ["selected", architecture.size.width]);
  graph.output("logits", architecture.head(weights, stream));
}
