import { stat } from "node:fs/promises";
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
  /** Of a GGUF file: its SHA-256 and bytes, and whether it was unpacked before. */
  readonly file?: { readonly sha256: string; readonly bytes: number; readonly wasThere: boolean };
}

/**
 * Unpacks a GGUF file into a folder of float16 weights in the program's storage, going on where an earlier call stopped.
 *
 * @returns it, named by how it was quantised; `--model` takes the path, or the folder where the file is gone meanwhile
 * @throws RomeError "checkpoint", "architecture", "tokenizer" for a file that cannot be unpacked; "disk", "cancelled"
 */
export async function addGguf(path: string, storage: string, run: Run): Promise<AddedModel> {
  const { folder, source, wasThere } = await unpackGguf(path, storage, run);
  const isThere = await stat(path).catch(() => undefined);
  const { sha256, bytes } = source;
  return { model: isThere ? path : folder, name: unpackedName(source), folder, file: { sha256, bytes, wasThere } };
}
