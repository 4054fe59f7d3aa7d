/** The gradient of ROME's objective through a whole model, in double precision, against central differences. */
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as ort from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { requireWeight } from "../../../src/engine/checkpoint/openCheckpoint.ts";
import { Graph } from "../../../src/engine/graph/graph.ts";
import { aloneName, askedFeeds } from "../../../src/engine/model/graphs.ts";
import { Model } from "../../../src/engine/model/model.ts";
import { locateIn } from "../../../src/engine/model/session.ts";
import { traceObjective } from "../../../src/engine/rome/objective.ts";
import { fixturePath, temporaryFolder } from "../../support/fixtures.ts";

/** Numbers in (−1, 1) that repeat from run to run. */
function noise(count: number, seed: number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => Math.sin(12.9898 * (i + 1) + 78.233 * seed));
}

/** onnxruntime's Erf has float32 alone: a model with the exact GELU is tried with the tanh form in its place. */
async function inDoublePrecision(folder: string): Promise<string> {
  const config = JSON.parse(readFileSync(join(folder, "config.json"), "utf8"));
  if (config.hidden_act !== "gelu") return folder;
  const copy = join(await temporaryFolder(), "model");
  cpSync(folder, copy, { recursive: true });
  writeFileSync(join(copy, "config.json"), JSON.stringify({ ...config, hidden_act: "gelu_new" }));
  return copy;
}

describe("∂loss/∂δ of the whole model agrees with central differences", () => {
  for (const checkpoint of [
    "odd-fp32",
    "even-fp16",
    "gpt2-fp32",
    "gpt-neox-fp16",
    "llama-fp16",
    "llama-tied-fp16",
    "qwen2-bf16",
    "codegen-fp16",
    "gpt-neo-fp16",
    "phi3-fp16",
    "olmo2-bf16",
    "gemma2-bf16",
    "gemma3-bf16",
  ]) {
    it(checkpoint, async () => {
      const model = await Model.open(await inDoublePrecision(fixturePath("checkpoints", checkpoint)));
      const { width: d, keyHeads, headSize, vocabulary, layers } = model.size;
      const graph = new Graph("double", "fold", locateIn(model.options.folder));
      const weights = (name: string, shape: readonly number[]) =>
        graph.weight(requireWeight(model.checkpoint, name, shape));
      traceObjective({ graph, architecture: model.architecture, weights }, 0);
      const session = await ort.InferenceSession.create(graph.parts()[0]!.bytes, {
        extra: { session: { model_external_initializers_file_folder_path: model.options.folder } },
      });

      const [rows, n, past, names] = [3, 3, 2, 2];
      const total = past + n;
      const real = (data: Float64Array, dims: number[]) => new ort.Tensor("float64", data, dims);
      const whole = (data: number[]) => new ort.Tensor("int64", BigInt64Array.from(data, BigInt), [data.length]);
      const mask = new Float64Array(rows * n * total);
      for (let row = 0; row < rows; row++)
        for (let i = 0; i < n; i++) for (let j = past + i + 1; j < total; j++) mask[(row * n + i) * total + j] = -1e9;
      const base = noise(2 * vocabulary, 4).map((x) => x - Math.log(vocabulary));
      const delta = noise(names * d, 5).map((x) => 0.3 * x);
      const weight = Float64Array.of(0.5, 0.25, 0.25, 0, 0);
      const klFactor = 0.7;
      const feeds: Record<string, ort.Tensor> = {
        stream: real(noise(rows * n * d, 1), [rows * n, d]),
        delta: real(delta, [names, d]),
        nameOfLookup: real(Float64Array.of(1, 0, 1, 0, 0, 1), [rows, names]),
        lookup: whole([0, 3, 6]),
        positions: whole([2, 3, 4, 2, 3, 4, 2, 3, 4]),
        mask: real(mask, [rows, 1, n, total]),
        target: whole([7, 8, 9, 0, 0]),
        weight: real(weight, [5]),
        klAt: whole([3, 4]),
        klBase: real(base, [2, vocabulary]),
        klFactor: real(Float64Array.of(klFactor), []),
      };
      for (const [name, { data, shape }] of Object.entries(askedFeeds([1, 2, 8, 3, 6], rows, n)))
        feeds[name] = new ort.Tensor("int64", data as BigInt64Array, shape);
      if (model.architecture.alone)
        for (const [i, part] of ["query", "key", "value", "written"].entries())
          feeds[aloneName(part)] = real(noise(rows * n * d, 100 + i), [rows * n, d]);
      if (model.architecture.mlpToStream) feeds.value = real(noise(rows * d, 6), [rows, d]);
      for (let layer = 1; layer < layers; layer++)
        for (const [i, part] of ["key", "value"].entries())
          feeds[`past.${layer}.${part}`] = real(noise(rows * keyHeads * past * headSize, 10 * layer + i), [
            rows,
            keyHeads,
            past,
            headSize,
          ]);

      const loss = async () => {
        const { logProb, kl } = (await session.run(feeds)) as Record<"logProb" | "kl", ort.Tensor>;
        const likelihood = (logProb.data as Float64Array).reduce((sum, x, i) => sum - weight[i]! * x, 0);
        return likelihood + klFactor * (kl.data as Float64Array).reduce((sum, x) => sum + x, 0);
      };
      const gradient = (await session.run(feeds)).gradient?.data as Float64Array;
      const step = 1e-5;
      for (let j = 0; j < delta.length; j += 7) {
        const at = delta[j]!;
        delta[j] = at + step;
        const above = await loss();
        delta[j] = at - step;
        const below = await loss();
        delta[j] = at;
        expect(gradient[j], `component ${j}`).toBeCloseTo((above - below) / (2 * step), 6);
      }
    });
  }
});
