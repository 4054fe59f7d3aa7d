import { RomeError } from "../../protocol/errors.ts";
import { type SourceFile, shorten } from "../checkpoint/sourceFile.ts";
import type { Family, Weight } from "./family.ts";
import type { Gguf, GgufTensor } from "./ggufFile.ts";
import { gpt2 } from "./gpt2.ts";
import { gptNeox } from "./gptNeox.ts";
import { llama } from "./llama.ts";

/** A tensor to be written, and where its numbers are. */
export interface PlannedWeight extends Weight {
  readonly source: GgufTensor;
  readonly shape: readonly number[];
}

const families: Readonly<Record<string, (gguf: Gguf, ropeFactors?: Float32Array) => Family>> = {
  llama: (gguf, ropeFactors) => llama(gguf, "llama", ropeFactors),
  qwen2: (gguf, ropeFactors) => llama(gguf, "qwen2", ropeFactors),
  qwen3: (gguf, ropeFactors) => llama(gguf, "qwen3", ropeFactors),
  gpt2,
  gptneox: gptNeox,
};

/** Holds no weights, but what the positions' frequencies are divided by. */
const ropeFactorsName = "rope_freqs.weight";

/**
 * What a GGUF holds, as a Hugging Face folder would: its config.json, and what each tensor becomes.
 *
 * @throws RomeError ("architecture") for a family that cannot be read, and for metadata or tensors that are not the
 * family's; ("checkpoint") for a tensor that is missing
 */
export async function planModel(file: SourceFile, gguf: Gguf): Promise<{ family: Family; weights: PlannedWeight[] }> {
  const name = gguf.metadata.get("general.architecture");
  const read = typeof name === "string" && Object.hasOwn(families, name) ? families[name] : undefined;
  if (!read)
    throw new RomeError(
      "architecture",
      `${file.path} holds a model of the architecture ${shorten(JSON.stringify(name) ?? "(none named)")}; ` +
        `those that can be unpacked are ${Object.keys(families).join(", ")}.`,
    );
  const factors = gguf.tensors.find((tensor) => tensor.name === ropeFactorsName);
  const family = read(gguf, factors?.type.unpack(await file.read(factors.offset, factors.length)));
  const wanted = allWeights(file, gguf, family);
  const weights = gguf.tensors
    .filter((source) => source !== factors)
    .map((source) => {
      const weight = wanted.get(source.name);
      if (!weight)
        throw new RomeError(
          "architecture",
          `${file.path} holds "${shorten(source.name)}", which no ${name} model that can be run exactly has.`,
        );
      wanted.delete(source.name);
      return { ...weight, source, shape: weight.transposed ? source.shape.toReversed() : source.shape };
    });
  const missing = [...wanted].find(([, weight]) => !weight.optional)?.[0];
  if (missing !== undefined) throw file.damaged(`it lacks the tensor "${missing}"`);
  return { family, weights };
}

/** Every tensor of the model by its name in GGUF. */
function allWeights(file: SourceFile, gguf: Gguf, { layers, weights }: Family): Map<string, Weight> {
  if (layers > gguf.tensors.length)
    throw file.damaged(`it claims ${layers} layers, but holds ${gguf.tensors.length} tensors`);
  const all = new Map<string, Weight>();
  for (const [inGguf, weight] of Object.entries(weights)) {
    const places = inGguf.includes("*") ? Array.from({ length: layers }, (_, layer) => String(layer)) : [""];
    for (const layer of places)
      all.set(inGguf.replace("*", layer), { ...weight, name: weight.name.replace("*", layer) });
  }
  return all;
}
