import type { Gguf } from "./ggufFile.ts";

/** How a tensor of a GGUF becomes one of a Hugging Face folder. */
export interface Weight {
  /** Its name there; "*" stands for the layer, as in the GGUF's name. */
  readonly name: string;
  /** Where its row lies in the GGUF, if not at the same place. */
  readonly rowInGguf?: (row: number) => number;
  /** The GGUF holds it [out, in], Hugging Face [in, out]. */
  readonly transposed?: true;
  /** Files may be without it. */
  readonly optional?: true;
}

/** A model's family, read from a GGUF's metadata. */
export interface Family {
  readonly layers: number;
  /** config.json. */
  readonly config: Readonly<Record<string, unknown>>;
  /** By their names in GGUF; "*" stands for the layer. */
  readonly weights: Readonly<Record<string, Weight>>;
  /** The pre-tokenizer of files that name none. */
  readonly usualPreTokenizer?: string;
}

/** Rows of a table among the tensors, the vocabulary's for instance; 0 where there is no such tensor. */
export function rowsOf(gguf: Gguf, name: string): number {
  return gguf.tensors.find((tensor) => tensor.name === name)?.shape[0] ?? 0;
}

/** A weight and a bias of the same name. */
export function withBias(inGguf: string, name: string, how: Omit<Weight, "name"> = {}): Record<string, Weight> {
  const { transposed: _, ...alsoForBias } = how;
  return {
    [`${inGguf}.weight`]: { name: `${name}.weight`, ...how },
    [`${inGguf}.bias`]: { name: `${name}.bias`, ...alsoForBias },
  };
}
