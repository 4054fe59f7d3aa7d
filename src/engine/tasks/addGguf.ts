import type { Run } from "../../protocol/run.ts";
import { unpackedName } from "../gguf/unpacked.ts";
import { unpackGguf } from "../gguf/unpackGguf.ts";

/** A model that is there to be used. */
export interface AddedModel {
  /** What `--model` takes. */
  readonly model: string;
  /** What it is called. */
  readonly name: string;
  readonly folder: string;
}

/**
 * Unpacks a GGUF file into a folder of float16 weights in the program's storage, going on where an earlier call stopped.
 *
 * @returns it, named by how it was quantised; `--model` takes the path
 * @throws RomeError "checkpoint", "architecture", "tokenizer" for a file that cannot be unpacked; "disk", "cancelled"
 */
export async function addGguf(path: string, storage: string, run: Run): Promise<AddedModel> {
  const { folder, source } = await unpackGguf(path, storage, run);
  return { model: path, name: unpackedName(source), folder };
}
