import type { Concept } from "../../protocol/concept.ts";
import { RomeError } from "../../protocol/errors.ts";
import type { EditRecord } from "../../protocol/results.ts";
import { requireEdits } from "./enough.ts";

/** A recorded data set. */
export interface AnalyzeInput {
  readonly records: readonly EditRecord[];
  /** Δv [n, d], rows in the order of the records. */
  readonly deltas: Float32Array;
  /** v [n, d]; without them (or empty) the control on v is left out. */
  readonly values?: Float32Array;
  readonly manifest: {
    readonly model: { readonly name: string; readonly fingerprint: string };
    readonly layer: number;
  };
  readonly concept: Concept;
  /** Of the split and of every draw after it. */
  readonly seed: number;
}

/**
 * Makes sure that a data set can be analysed as one about these labels: as many rows as records, all numbers finite,
 * no other labels, enough edits in each direction.
 */
export function checkInput({ records, deltas, values }: AnalyzeInput, first: string, second: string): void {
  const count = records.length;
  const wrongSize = [deltas, values].some((rows) => rows?.length && rows.length % Math.max(1, count) !== 0);
  if (count > 0 && (deltas.length === 0 || wrongSize)) {
    throw new RomeError(
      "data",
      `The data set has ${count} records but its vectors are not ${count} rows. Record it again.`,
    );
  }
  const stranger = records.find(({ from }) => from !== first && from !== second);
  if (stranger) {
    throw new RomeError(
      "data",
      `"${stranger.name}" is recorded from "${stranger.from}", but this concept is about "${first}" and "${second}". Analyze it with the concept file it was recorded with.`,
    );
  }
  const width = deltas.length / count;
  for (const [what, numbers] of [
    ["Δv", deltas],
    ["v", values ?? []],
  ] as const) {
    const broken = Array.prototype.findIndex.call(numbers, (value: number) => !Number.isFinite(value));
    if (broken >= 0) {
      const name = records[Math.floor(broken / width)]?.name;
      throw new RomeError("data", `${what} of "${name}" is not finite. Record the data set again.`);
    }
  }
  const away = records.filter(({ from }) => from === first).length;
  requireEdits({ away, back: count - away }, [first, second]);
}
