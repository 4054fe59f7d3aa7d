import { type Checkpoint, requireWeight } from "../../src/engine/checkpoint/openCheckpoint.ts";
import { SourceFile } from "../../src/engine/checkpoint/sourceFile.ts";
import { decodeNumbers } from "../../src/engine/checkpoint/storedNumbers.ts";
import { bytesPerElement } from "../../src/engine/checkpoint/tensor.ts";
import type { Model } from "../../src/engine/model/model.ts";
import { mean } from "../../src/engine/numerics/statistics.ts";

/**
 * The direction [d] of the last stream in which the logit of one word rises: its row of the embedded model's head, by the
 * last norm's gain, its mean taken off as that norm does.
 */
export async function outputRow({ checkpoint, tokenizer, size: { width, vocabulary } }: Model, word: string) {
  const head = await rowOf(checkpoint, "lm_head.weight", [vocabulary, width], tokenizer.encode(word)[0] as number);
  const gain = await rowOf(checkpoint, "transformer.ln_f.weight", [width], 0);
  const row = head.map((value, i) => value * (gain[i] as number));
  const centre = mean([...row]);
  return row.map((value) => value - centre);
}

function rowOf(checkpoint: Checkpoint, name: string, shape: readonly number[], row: number): Promise<Float32Array> {
  const { file: path, type, offset } = requireWeight(checkpoint, name, shape);
  const bytes = (shape.at(-1) as number) * bytesPerElement[type];
  return SourceFile.use(path, "checkpoint", async (file) => {
    return decodeNumbers(await file.read(offset + row * bytes, bytes), type);
  });
}
