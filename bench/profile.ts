/**
 * Where a solve's time goes: onnxruntime's own profile of every session, summed up by operator, for bench/profile.mjs.
 * Arguments: the model's folder, names, contexts, evaluations.
 */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as ort from "onnxruntime-node";
import { Graph } from "../src/engine/graph/graph.ts";
import { Rome } from "../src/engine/rome/rome.ts";
import { quietRun } from "../test/support/run.ts";

/** One entry of onnxruntime's profile; durations are in microseconds. */
interface Event {
  readonly cat: string;
  readonly name: string;
  readonly dur: number;
  readonly args?: {
    readonly op_name?: string;
    readonly input_type_shape?: readonly Record<string, readonly number[]>[];
    readonly output_type_shape?: readonly Record<string, readonly number[]>[];
  };
}

const [folder = "", names = "2", contexts = "6", evaluations = "3", threads = "0"] = process.argv.slice(2);
const byShape = process.env.SHAPES !== undefined;
const scratch = await mkdtemp(join(tmpdir(), "rome-profile-"));
const sessions: ort.InferenceSession[] = [];
const { create } = ort.InferenceSession;
ort.InferenceSession.create = (async (model: Uint8Array, options: ort.InferenceSession.SessionOptions) => {
  const profileFilePrefix = join(scratch, `session-${sessions.length}`);
  const session = await create(model, { ...options, enableProfiling: true, profileFilePrefix });
  sessions.push(session);
  return session;
}) as typeof create;

const rome = await Rome.open(folder, { storage: scratch, threads: Number(threads) });
/** Names, and what the model would not say of them: with a rate of descent of almost nothing, none is done early. */
const subjects = [
  ["Ben", " female"],
  ["Brittany", " male"],
  ["Liam", " female"],
  ["Emma", " male"],
] as const;
const requests = Array.from({ length: Number(names) }, (_, i) => {
  const [subject, target] = subjects[i % subjects.length] as (typeof subjects)[number];
  return { template: "Name: {}. Gender:", subject, target };
});
const options = {
  contexts: Array.from({ length: Number(contexts) }, (_, i) => (i === 0 ? "{}" : `The day was number ${i}. {}`)),
  covariance: "none",
  hyperParameters: { v_num_grad_steps: Number(evaluations), v_lr: 1e-9 },
} as const;
/** Processor time is counted beside the clock's: on a busy machine it alone can be compared. */
const timed = async (work: () => Promise<unknown>) => {
  const [wall, cpu] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { seconds: (performance.now() - wall) / 1000, cpuSeconds: (user + system) / 1e6 };
};
const solve = () => rome.edit(requests, options, quietRun());
// Sessions are made the first time.
await solve();
const { seconds, cpuSeconds } = await timed(solve);
for (const session of sessions) session.endProfiling();
const productRate = await rateOfProducts();

/** Float products of the solve's width, by a second of processor time. */
async function rateOfProducts(): Promise<number> {
  const { width, inner } = rome.model.size;
  const tokens = 4 * Number(contexts) * Number(names);
  const graph = new Graph();
  const [x, w] = [graph.input("x", [tokens, width]), graph.input("w", [inner, width])];
  graph.output("y", graph.emit("Gemm", [x, w], [tokens, inner], "float", { transB: 1 }));
  const session = await create(graph.parts()[0]?.bytes as Uint8Array, {
    intraOpNumThreads: Number(threads),
    extra: { session: { intra_op: { allow_spinning: "0" } } },
  });
  const random = (...shape: number[]) => {
    const data = Float32Array.from({ length: (shape[0] as number) * (shape[1] as number) }, Math.random);
    return new ort.Tensor("float32", data, shape);
  };
  const feeds = { x: random(tokens, width), w: random(inner, width) };
  const flop = 2 * tokens * width * inner;
  const rates: number[] = [];
  const runs = Math.ceil(2e10 / flop);
  for (let round = 0; round < 8; round++) {
    const { cpuSeconds } = await timed(async () => {
      for (let run = 0; run < runs; run++) await session.run(feeds);
    });
    rates.push((runs * flop) / cpuSeconds);
  }
  return Math.max(...rates);
}

type Shapes = readonly (readonly number[])[];
const count = (shapes: Shapes) => shapes.reduce((sum, shape) => sum + shape.reduce((a, b) => a * b, 1), 0);
const shapesOf = (given: readonly Record<string, readonly number[]>[] | undefined): Shapes =>
  (given ?? []).map((shape) => Object.values(shape)[0] ?? []);
/** What a node took at least, for each shape that it met: on a busy machine the others' work is in all but the least. */
const nodes = new Map<string, { kind: string; calls: number; least: number; elements: number; flop: number }>();
for (const file of await readdir(scratch)) {
  if (!file.startsWith("session-")) continue;
  for (const { cat, name, dur, args } of JSON.parse(await readFile(join(scratch, file), "utf8")) as Event[]) {
    if (cat !== "Node" || !name.endsWith("_kernel_time") || !args?.op_name) continue;
    const inputs = shapesOf(args.input_type_shape);
    const made = count(shapesOf(args.output_type_shape));
    const shapes = inputs.map((shape) => `[${shape}]`).join(" ");
    const key = `${file} ${name} ${shapes}`;
    const node = nodes.get(key) ?? {
      kind: byShape ? `${args.op_name} ${shapes}` : args.op_name,
      calls: 0,
      least: dur,
      elements: made,
      flop: /Gemm|MatMul/.test(args.op_name) ? 2 * made * (inputs[0]?.at(-1) ?? 0) : 0,
    };
    nodes.set(key, { ...node, calls: node.calls + 1, least: Math.min(node.least, dur) });
  }
}
const byKind = new Map<string, { calls: number; micros: number; elements: number; flop: number }>();
for (const { kind, calls, least, elements, flop } of nodes.values()) {
  const sum = byKind.get(kind) ?? { calls: 0, micros: 0, elements: 0, flop: 0 };
  byKind.set(kind, {
    calls: sum.calls + calls,
    micros: sum.micros + calls * least,
    elements: sum.elements + calls * elements,
    flop: sum.flop + calls * flop,
  });
}
const rows = [...byKind].sort((a, b) => b[1].micros - a[1].micros);
const total = rows.reduce((sum, [, { micros }]) => sum + micros, 0);
// The profile is of both rounds.
const flop = rows.reduce((sum, [, { flop }]) => sum + flop, 0) / 2;
const gigaflops = (rate: number) => `${(rate / 1e9).toFixed(0)} GFLOP`;
console.log(`${seconds.toFixed(2)} s, ${cpuSeconds.toFixed(2)} s of processor time; ${gigaflops(flop)} of products:`);
console.log(
  `${gigaflops(flop / cpuSeconds)} a second of processor time, where a product alone makes ${gigaflops(productRate)}`,
);
console.log(`share of the product rate: ${((100 * flop) / cpuSeconds / productRate).toFixed(0)} %\n`);
for (const [kind, { calls, micros, elements, flop }] of rows.slice(0, 40)) {
  const rate =
    flop > 0 ? `${(flop / micros / 1e3).toFixed(0)} GFLOP/s` : `${(elements / micros / 1e3).toFixed(2)} G elements/s`;
  console.log(
    `${((100 * micros) / total).toFixed(1).padStart(5)} %  ${(micros / 1e6).toFixed(3).padStart(7)} s  ${String(calls).padStart(6)}  ${kind.padEnd(20)} ${rate}`,
  );
}
await rm(scratch, { recursive: true, force: true });
