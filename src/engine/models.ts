import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { scanCacheDir } from "@huggingface/hub";
import type { ModelEntry } from "../protocol/engine.ts";
import { architectureOf } from "./architectures/families.ts";
import { openCheckpoint } from "./checkpoint/openCheckpoint.ts";
import { loadTokenizer } from "./checkpoint/tokenizer.ts";
import { RomeError } from "./errors.ts";
import { hyperParametersFor } from "./rome/hyperParameters.ts";

/** The embedded model's folder among the shipped files. */
export function embeddedFolder(assets: string): string {
  return join(assets, "models", "embedded");
}

/** What there is to run: the embedded model, the Hugging Face cache, and the given folders (models, or folders of them). */
export async function listModels(folders: readonly string[], assets: string): Promise<ModelEntry[]> {
  const entries = [await entryOf("embedded", embeddedFolder(assets))];
  const cache = await scanCacheDir().catch(() => undefined);
  for (const repository of cache?.repos ?? []) {
    if (repository.id.type !== "model") continue;
    for (const { path } of repository.revisions) entries.push(await entryOf(repository.id.name, path));
  }
  for (const folder of folders) {
    for (const path of await modelFolders(folder)) entries.push(await entryOf(basename(path), path));
  }
  return entries;
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

async function entryOf(name: string, folder: string): Promise<ModelEntry> {
  try {
    const checkpoint = await openCheckpoint(folder);
    const { size } = architectureOf(checkpoint.config);
    await loadTokenizer(folder);
    const { layers } = await hyperParametersFor(checkpoint, size.layers);
    return { name, folder, usable: true, bytes: checkpoint.bytes, layer: layers[0] as number };
  } catch (error) {
    if (!RomeError.is(error)) throw error;
    return { name, folder, usable: false, reason: error.message, bytes: 0 };
  }
}
