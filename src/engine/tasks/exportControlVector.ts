import { resolve } from "node:path";
import type { Construction } from "../../protocol/steer.ts";
import { runsInLlamaCpp, writeControlVector } from "../export/controlVector.ts";
import type { Engine } from "./engine.ts";
import { scalableVector, sourceOf } from "./vectors.ts";

export interface ControlVectorParams {
  /** Data set or vector's file; left out: the data set at hand. */
  readonly from?: string | undefined;
  readonly construction?: Construction | undefined;
  readonly layer?: number | undefined;
  readonly scale: number;
  /** GGUF file to write. */
  readonly out: string;
}

/** Writes scale · vector as a control vector for llama.cpp, where that does the same as here. */
export async function exportControlVector(
  engine: Engine,
  { out, scale, construction, ...request }: ControlVectorParams,
): Promise<{ file: string; layer: number; source: string; family: string; runsInLlamaCpp: boolean }> {
  const source = await sourceOf(engine, request);
  const vector = (await scalableVector(engine, source, construction, scale)).map((value) => scale * value);
  const { architecture } = (await engine.open()).rome.model;
  const { layer, label } = source;
  await writeControlVector(resolve(out), architecture, { layer, vector });
  const { family } = architecture;
  const name = source.recorded ? `${label} (${construction ?? "sign"})` : label;
  return { file: out, layer, source: name, family, runsInLlamaCpp: runsInLlamaCpp(family) };
}
