import { listFiles, modelInfo } from "@huggingface/hub";
import * as v from "valibot";
import { RomeError } from "../../protocol/errors.ts";
import type { HubConnection } from "./connection.ts";
import { formatModelId, type ModelId } from "./modelId.ts";

const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{40}$/));
const bytes = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const fileSchema = v.object({
  type: v.literal("file"),
  path: v.pipe(v.string(), v.nonEmpty()),
  size: bytes,
  oid: hash,
  lfs: v.nullish(v.object({ oid: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)), size: bytes })),
});

/** A file of a repository at one commit. */
export interface HubFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Name of its contents in the cache: SHA-256 of a large (LFS) file, git's SHA-1 of a small one. */
  readonly hash: string;
  readonly url: string;
}

/** A repository at the commit that a revision stands for now, with the files in its topmost folder. */
export interface Repository {
  readonly commit: string;
  readonly files: ReadonlyMap<string, HubFile>;
}

/** Asks the Hub what a model consists of. Every failure is a RomeError ("network"). */
export async function listRepository(connection: HubConnection, id: ModelId): Promise<Repository> {
  const { repository, revision = "main" } = id;
  const { endpoint } = connection;
  const name = formatModelId(id);
  const shared = {
    hubUrl: endpoint,
    fetch: ((url: string, init?: { headers?: Record<string, string> }) =>
      connection.request(name, url, init?.headers)) as typeof fetch,
  };
  try {
    const info = await modelInfo({ ...shared, name: repository, revision, additionalFields: ["sha"] });
    const commit = v.parse(hash, info.sha);
    const files = new Map<string, HubFile>();
    const repo = { type: "model", name: repository } as const;
    for await (const entry of listFiles({ ...shared, repo, revision: commit })) {
      if (entry.type !== "file") continue;
      const { path, size, oid, lfs } = v.parse(fileSchema, entry);
      const url = `${endpoint}/${repository}/resolve/${commit}/${path.split("/").map(encodeURIComponent).join("/")}`;
      files.set(path, { path, size: lfs?.size ?? size, hash: lfs?.oid ?? oid, url });
    }
    return { commit, files };
  } catch (error) {
    if (RomeError.is(error)) throw error;
    throw new RomeError("network", `${endpoint} does not answer as the Hub does when asked for ${name}.`, {
      cause: error,
    });
  }
}
