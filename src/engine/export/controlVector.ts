import { readFile } from "node:fs/promises";
import { RomeError } from "../../protocol/errors.ts";
import type { Architecture } from "../architectures/architecture.ts";
import { writeAtomically } from "../files/atomicWrite.ts";
import { type Kind, requireOwnFile } from "../files/ownKind.ts";
import { ggufBytes } from "../gguf/writeGguf.ts";

const architectureName = "controlvector";
/** Families of ours whose models llama.cpp does not run. */
const notInLlamaCpp: readonly string[] = ["gptj", "gpt_neo", "codegen"];

/** Whether llama.cpp runs models of this family, so that it can add a control vector to them. */
export function runsInLlamaCpp(family: string): boolean {
  return !notInLlamaCpp.includes(family);
}

const kind: Kind = {
  name: "a control vector",
  ending: ".gguf",
  isOwn: async (path) => (await readFile(path)).subarray(0, 200).includes(architectureName),
};

/**
 * Writes a vector as a GGUF control vector, as llama.cpp reads it (--control-vector): `direction.L` [d] is added to the
 * stream of every token after block L. That is what a steering at all tokens does where a block adds what its MLP writes
 * to the stream as it is.
 *
 * @throws RomeError "input" for a model that norms what its MLP writes, for the first layer, for which the format has no
 * place, and for a file that is there and is something else; "disk"
 */
export async function writeControlVector(
  path: string,
  { family, mlpToStream }: Pick<Architecture, "family" | "mlpToStream">,
  { layer, vector }: { readonly layer: number; readonly vector: Float32Array },
): Promise<void> {
  if (mlpToStream)
    throw new RomeError(
      "input",
      `A ${family} model norms what its MLP writes before it reaches the stream, so adding to the one is not adding to the other, and a control vector would do something else. Keep the vector as a .romedit file (rome steer --save).`,
    );
  if (layer === 0)
    throw new RomeError(
      "input",
      "A control vector has no place for the first layer. Choose another one with --layer, or keep the vector as a .romedit file (rome steer --save).",
    );
  await requireOwnFile(path, kind);
  const metadata = {
    "general.architecture": architectureName,
    [`${architectureName}.model_hint`]: family,
    [`${architectureName}.layer_count`]: 1,
  };
  await writeAtomically(path, [ggufBytes(metadata, { [`direction.${layer}`]: vector })]);
}
