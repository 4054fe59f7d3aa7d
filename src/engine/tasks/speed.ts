import type { Result } from "../../protocol/engine.ts";
import { throwIfCancelled } from "../../protocol/errors.ts";
import type { Run } from "../../protocol/run.ts";
import { Graph } from "../graph/graph.ts";
import { matmul } from "../graph/layers.ts";
import { chooseDevice } from "../runtime/device.ts";
import { makeSession, tensorOf } from "../runtime/onnxruntime.ts";
import type { Engine } from "./engine.ts";

/** The measured matrix, of GPT-J's width: larger than what a processor keeps near itself (64 MiB of float32). */
const width = 4096;
/** Rows of the product: what a step of an edit has (22 texts of 4 tokens). */
const rows = 88;
/** Products in a row, so that handing the matrix to a GPU is a small part. */
const products = 4;
const repeats = 3;

/**
 * What this machine computes with onnxruntime on the chosen device, the best of three short products of matrices; a
 * second or two, without a model.
 */
export async function speed({ options }: Engine, { signal }: Run): Promise<Result<"speed">> {
  const graph = new Graph();
  const matrix = graph.input("w", [width, width]);
  let x = graph.input("x", ["n", width]);
  for (let i = 0; i < products; i++) x = matmul(x, matrix);
  graph.output("y", x);
  const [part] = graph.parts();
  if (!part) throw new Error("A graph without a part.");
  const { device, threads } = options;
  const session = await makeSession(part.bytes, { device: chooseDevice(device), threads });
  const w = tensorOf(new Float32Array(width * width).fill(1 / width), [width, width]);
  const seconds = async (n: number): Promise<number> => {
    const feeds = { w, x: tensorOf(new Float32Array(n * width).fill(1), [n, width]) };
    let best = Number.POSITIVE_INFINITY;
    for (let i = 0; i < repeats; i++) {
      throwIfCancelled(signal);
      const begin = performance.now();
      await session.run(feeds);
      best = Math.min(best, (performance.now() - begin) / 1000);
    }
    return best / products;
  };
  const [product, pass] = [await seconds(rows), await seconds(1)];
  await session.release();
  return { operationsPerSecond: (2 * rows * width * width) / product, bytesPerSecond: (4 * width * width) / pass };
}
