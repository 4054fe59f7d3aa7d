import { createHash } from "node:crypto";
import { throwIfCancelled } from "../../protocol/errors.ts";
import type { SourceFile } from "../checkpoint/sourceFile.ts";

const chunkBytes = 2 ** 22;

/** SHA-256 (hex) of a whole file, read in pieces; `report` is called with the bytes read so far. */
export async function hashOf(
  file: SourceFile,
  { signal, report }: { signal?: AbortSignal; report?: (done: number) => void } = {},
): Promise<string> {
  const hash = createHash("sha256");
  const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, file.size));
  for (let done = 0; done < file.size; ) {
    throwIfCancelled(signal);
    const part = chunk.subarray(0, Math.min(chunkBytes, file.size - done));
    await file.readInto(part, done);
    hash.update(part);
    done += part.length;
    report?.(done);
  }
  return hash.digest("hex");
}
