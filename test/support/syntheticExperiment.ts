import { parseConcept } from "../../src/engine/concept/concept.ts";
import type { AnalyzeInput } from "../../src/engine/experiment/analyzeInput.ts";
import { Random } from "../../src/engine/numerics/random.ts";
import type { EditRecord } from "../../src/protocol/results.ts";

/** An experiment about something other than gender. */
export const concept = parseConcept(
  JSON.stringify({
    name: "size",
    vector: "size",
    prompt: "Animal: {}. Size:",
    targets: [
      { label: "small", text: " small" },
      { label: "big", text: " big" },
    ],
  }),
  "size.json",
);

/** Standard normal, by the Box–Muller transform. */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform());
}

/**
 * A data set as recording would leave it: Δv's around +direction for one way and −direction for the other, under noise
 * of length 1 a component. At `separation` 0 there is nothing to learn.
 */
export function syntheticExperiment({ count = 200, width = 24, separation = 2, seed = 1 } = {}): AnalyzeInput & {
  readonly direction: Float64Array;
} {
  const random = new Random(seed, "synthetic");
  const direction = Float64Array.from({ length: width }, () => normal(random));
  const deltas = new Float32Array(count * width);
  const values = new Float32Array(count * width);
  const records = Array.from({ length: count }, (_, row): EditRecord => {
    const small = row % 2 === 0;
    const side = small ? 1 : -1;
    for (let i = 0; i < width; i++) {
      deltas[row * width + i] = separation * side * direction[i]! + normal(random);
      values[row * width + i] = -side * direction[i]! + normal(random);
    }
    const p = 0.9 + 0.09 * random.uniform();
    const [from, to] = small ? ["small", "big"] : ["big", "small"];
    return {
      index: row,
      name: `Animal ${row}`,
      expected: row === 5 ? to : from,
      from,
      to,
      before: { [from]: p, [to]: 1 - p },
      after: { [from]: 1 - p, [to]: p },
      losses: Array.from({ length: 2 + random.below(5) }, (_, step) => 3 / (step + 1)),
      converged: row !== 7,
      flipped: row !== 7,
      deltaNorm: Math.hypot(...deltas.subarray(row * width, (row + 1) * width)),
      valueNorm: Math.hypot(...values.subarray(row * width, (row + 1) * width)),
    } as EditRecord;
  });
  const manifest = { model: { name: "synthetic", fingerprint: "0123abcd" }, layer: 3 };
  return { records, deltas, values, manifest, concept, seed: 4, direction };
}
