import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { ModelEntry } from "../../protocol/engine.ts";
import { RomeError } from "../../protocol/errors.ts";
import { byteCount } from "../../text/amounts.ts";
import { shellWord } from "../../text/shell.ts";
import { architectureOf } from "../architectures/families.ts";
import { openCheckpoint } from "../checkpoint/openCheckpoint.ts";
import { loadTokenizer } from "../checkpoint/tokenizer.ts";
import { bytesOf, findUnpacked, isGgufPath, unfinishedModels, unpackedModels, unpackedName } from "../gguf/unpacked.ts";
import { CachedModel, findSnapshot, requireWeights } from "../hub/hubCache.ts";
import { parseModelId } from "../hub/modelId.ts";
import { cacheFolder } from "../hub/places.ts";
import { hyperParametersFor } from "../rome/hyperParameters.ts";

/** The embedded model's folder among the shipped files. */
export function embeddedFolder(assets: string): string {
  return join(assets, "models", "embedded");
}

/**
 * What `--model` and the setting mean: "embedded", a folder, or a model of the Hub ("owner/name", "owner/name@revision")
 * that is in the Hugging Face cache, or a GGUF file that was unpacked into the storage. A folder goes before a model of the
 * same name.
 *
 * @throws RomeError ("checkpoint") for a model that is not in the cache, and for a GGUF that is not unpacked or was changed
 */
export async function resolveModel(
  model: string,
  assets: string,
  storage: string,
): Promise<{ name: string; folder: string }> {
  if (model === "embedded") return { name: model, folder: embeddedFolder(assets) };
  const folder = resolve(model);
  const id = parseModelId(model);
  const there = await stat(folder).catch(() => undefined);
  if (isGgufPath(model) && !there?.isDirectory()) {
    const unpacked = await findUnpacked(folder, storage);
    if (unpacked) return { name: unpackedName(unpacked.source), folder: unpacked.folder };
    throw new RomeError(
      "checkpoint",
      there
        ? `${folder} is not unpacked, or has changed since. Unpack it with: rome models add ${shellWord(model)}`
        : `There is no file ${folder}. Check the path.`,
    );
  }
  if (there || !id) return { name: await nameOf(folder, storage), folder };
  const snapshot = await findSnapshot(id);
  if (snapshot) await requireWeights(id, snapshot);
  if (snapshot) return { name: model.trim(), folder: snapshot };
  throw new RomeError(
    "checkpoint",
    `There is no folder ${folder}, and ${model} is not in the cache (${cacheFolder()}). Download it with: rome models add ${shellWord(model)}`,
  );
}

/**
 * A snapshot of the Hugging Face cache goes by its model's name, what was unpacked into the storage by that of the GGUF, any
 * other folder (an export of either, for instance) by its own.
 */
async function nameOf(folder: string, storage: string): Promise<string> {
  const unpacked = (await unpackedModels(storage)).find((other) => other.folder === folder);
  if (unpacked) return unpackedName(unpacked.source);
  const model = (await CachedModel.all()).find(({ snapshots }) => snapshots === dirname(folder));
  const entry = (await model?.entries())?.find((other) => other.folder === folder);
  return entry?.name ?? basename(folder);
}

/**
 * What there is to run: the embedded model, the Hugging Face cache, what was unpacked into the storage, and the given
 * folders (models, or folders of them).
 */
export async function listModels(folders: readonly string[], assets: string, storage: string): Promise<ModelEntry[]> {
  const entries = [await entryOf("embedded", embeddedFolder(assets), storage)];
  for (const model of await CachedModel.all()) entries.push(...(await cachedEntries(model, storage)));
  for (const { folder, source } of await unpackedModels(storage))
    entries.push(await entryOf(unpackedName(source), folder, storage));
  for (const model of await unfinishedModels(storage)) {
    const { folder, source } = model;
    const bytes = await bytesOf(model);
    const reason = `Its unpacking is not finished (${byteCount(bytes)} so far). Go on with: rome models add ${shellWord(source.path)}`;
    entries.push({ name: unpackedName(source), folder, usable: false, reason, bytes });
  }
  for (const folder of folders) {
    for (const path of await modelFolders(folder))
      entries.push(await entryOf(await nameOf(path, storage), path, storage));
  }
  return entries;
}

async function cachedEntries(model: CachedModel, storage: string): Promise<ModelEntry[]> {
  const snapshots = await model.entries();
  if (snapshots.length > 0) return Promise.all(snapshots.map(({ name, folder }) => entryOf(name, folder, storage)));
  const bytes = await model.unfinishedBytes();
  const reason =
    bytes > 0
      ? `Its download is not finished (${byteCount(bytes)} so far). Go on with: rome models add ${model.repository}`
      : `${model.folder} has no snapshot. Download it again with: rome models add ${model.repository}`;
  return [{ name: model.repository, folder: model.folder, usable: false, reason, bytes }];
}

/** The folder itself if it holds a config.json, else those of its folders that do. */
async function modelFolders(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => [] as string[]);
  if (names.includes("config.json") || names.length === 0) return [folder];
  const inside = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      const found = await stat(join(path, "config.json")).catch(() => undefined);
      return found ? [path] : [];
    }),
  );
  return inside.flat();
}

async function entryOf(name: string, folder: string, storage: string): Promise<ModelEntry> {
  try {
    const checkpoint = await openCheckpoint(folder);
    const { size } = architectureOf(checkpoint.config);
    await loadTokenizer(folder);
    const { hyperParameters, origin } = await hyperParametersFor(checkpoint, size.layers, storage);
    const layer = hyperParameters.layers[0] as number;
    return { name, folder, usable: true, bytes: checkpoint.bytes, layer, origin };
  } catch (error) {
    if (!RomeError.is(error)) throw error;
    return { name, folder, usable: false, reason: error.message, bytes: 0 };
  }
}
