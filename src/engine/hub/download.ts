import type { Call } from "../../protocol/engine.ts";
import { RomeError } from "../../protocol/errors.ts";
import { architectureOf } from "../architectures/families.ts";
import { anyObject, readJson } from "../checkpoint/sourceFile.ts";
import { readIndex, weightPlaces } from "../checkpoint/weightFiles.ts";
import { lock } from "../files/lock.ts";
import { HubConnection } from "./connection.ts";
import { fetchFiles } from "./fetchFiles.ts";
import { CachedModel } from "./hubCache.ts";
import { formatModelId, type ModelId } from "./modelId.ts";
import { type HubFile, listRepository } from "./repository.ts";
import { Snapshot } from "./snapshot.ts";

/** What a model cannot do without beside its weights, and what it may have. */
const needed = ["config.json", "tokenizer.json"] as const;
const optional = ["tokenizer_config.json", "rome.json"];

/**
 * Fetches a model's config, tokenizer and weights into the standard Hugging Face cache; what is there stays, what was
 * begun is continued. The snapshot appears only once every one of its files has been checked. A model that this
 * program could not run is refused before its weights come.
 *
 * @param firstPause milliseconds before a failed request is repeated
 * @returns the snapshot's folder
 * @throws RomeError ("network", "disk", "architecture", "checkpoint", "input", "cancelled")
 */
export async function download(
  id: ModelId,
  call: Call,
  { firstPause = 1000 }: { firstPause?: number } = {},
): Promise<string> {
  const connection = await HubConnection.open({ signal: call.signal, firstPause });
  const model = CachedModel.at(id.repository);
  // One download of a model at a time: the second waits, and then finds what the first has brought.
  const release = await lock(model.lockFolder, { wait: { ...call, phase: "wait for another download" } });
  try {
    call.progress({ phase: "list", done: 0, total: 0 });
    const { commit, files } = await listRepository(connection, id);
    const snapshot = new Snapshot(model, commit);
    const lacks = (what: string) => new RomeError("checkpoint", `${formatModelId(id)} holds no ${what}.`);
    const file = (path: string) => {
      const found = files.get(path);
      if (!found) throw lacks(path);
      return found;
    };
    const fetchAll = (wanted: readonly HubFile[]) => fetchFiles(connection, snapshot, wanted, call.progress);

    const place = weightPlaces.find(({ name }) => files.has(name));
    if (!place) throw lacks(`weights that can be run (${weightPlaces.map(({ name }) => name).join(", ")})`);
    const first = file(place.name);
    const described = [...needed.map(file), ...optional.flatMap((path) => files.get(path) ?? [])];
    if (place.index) described.push(first);
    await fetchAll(described);
    architectureOf(await readJson(await snapshot.require(file("config.json")), "checkpoint", anyObject));
    const weights = place.index
      ? [...(await readIndex(await snapshot.require(first))).keys()].map((shard) => file(shard))
      : [first];
    await fetchAll(weights);

    // The weights before what names them: a snapshot that Python began is never an index without its shards.
    await snapshot.publish([...weights, ...described]);
    if (id.revision !== commit) await model.writeRef(id.revision ?? "main", commit);
    return snapshot.folder;
  } finally {
    await release();
  }
}
