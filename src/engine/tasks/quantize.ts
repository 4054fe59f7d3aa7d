import type { Run } from "../../protocol/run.ts";
import type { Engine } from "./engine.ts";

/** Makes the 8-bit copy of the open model, going on where an earlier call stopped: its folder, and its bytes on disk. */
export async function quantize(engine: Engine, run: Run): Promise<{ folder: string; bytes: number }> {
  const { model } = (await engine.open()).rome;
  return { folder: await model.makeEightBit(run), bytes: model.eightBitBytes };
}
