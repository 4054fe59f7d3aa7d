import { readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { getRepoFolderName } from "@huggingface/hub";
import { RomeError } from "../../protocol/errors.ts";
import { weightFile } from "../checkpoint/weightFiles.ts";
import { unwritable, writeAtomically } from "../files/atomicWrite.ts";
import { makeFolder } from "../files/makeFolder.ts";
import { formatModelId, type ModelId } from "./modelId.ts";
import { cacheFolder } from "./places.ts";

/**
 * One model in the standard Hugging Face cache, laid out as Python's huggingface_hub does it: `blobs/<hash>` holds the
 * contents, `snapshots/<commit>/<file>` links to them, `refs/<branch or tag>` holds the commit.
 */
export class CachedModel {
  private constructor(
    readonly repository: string,
    readonly folder: string,
  ) {}

  /** Where the model is, or would be; HF_HUB_CACHE, HF_HOME and XDG_CACHE_HOME say where the cache lies. */
  static at(repository: string): CachedModel {
    const name = getRepoFolderName({ name: repository, type: "model" });
    return new CachedModel(repository, join(cacheFolder(), name));
  }

  /** Every model that the cache has a folder of. */
  static async all(): Promise<CachedModel[]> {
    const names = await readdir(cacheFolder()).catch(() => [] as string[]);
    return names
      .filter((name) => name.startsWith("models--"))
      .sort()
      .map((name) => new CachedModel(name.slice("models--".length).replace("--", "/"), join(cacheFolder(), name)));
  }

  get blobs(): string {
    return join(this.folder, "blobs");
  }

  get snapshots(): string {
    return join(this.folder, "snapshots");
  }

  refPath(revision: string): string {
    return join(this.folder, "refs", ...revision.split("/"));
  }

  /** Notes which commit a branch or tag stands for. */
  async writeRef(revision: string, commit: string): Promise<void> {
    const path = this.refPath(revision);
    await makeFolder(dirname(path)).catch((cause) => {
      throw unwritable(path, cause);
    });
    await writeAtomically(path, [Buffer.from(commit)]);
  }

  /** Where this model's lock lies: beside the cache's folders, as Python's do. */
  get lockFolder(): string {
    return join(cacheFolder(), ".locks", getRepoFolderName({ name: this.repository, type: "model" }));
  }

  /** Commits that there is a snapshot of, complete or not. */
  async commits(): Promise<string[]> {
    const names = await readdir(this.snapshots).catch(() => [] as string[]);
    return names.filter((name) => /^[0-9a-f]{40}$/.test(name)).sort();
  }

  /** Branches and tags with the commits they stand for. */
  async refs(): Promise<Map<string, string>> {
    const root = join(this.folder, "refs");
    const found = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
    const refs = new Map<string, string>();
    for (const entry of found) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      const commit = await readFile(path, "utf8").catch(() => "");
      refs.set(path.slice(root.length + 1).replaceAll("\\", "/"), commit.trim());
    }
    return refs;
  }

  /** Snapshots with the name that chooses each: its branch or tag where it has one, else the start of its commit. */
  async entries(): Promise<{ name: string; commit: string; folder: string }[]> {
    const refs = [...(await this.refs())];
    return (await this.commits()).map((commit) => {
      const named = refs.filter(([, target]) => target === commit).map(([ref]) => ref);
      const revision = named.includes("main") ? "main" : (named[0] ?? commit.slice(0, 12));
      const name = formatModelId({ repository: this.repository, revision });
      return { name, commit, folder: join(this.snapshots, commit) };
    });
  }

  /** Bytes of downloads that were not finished. */
  async unfinishedBytes(): Promise<number> {
    const names = (await readdir(this.blobs).catch(() => [] as string[])).filter((name) =>
      name.endsWith(".incomplete"),
    );
    const sizes = await Promise.all(names.map((name) => sizeOf(join(this.blobs, name))));
    return sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
  }
}

/** The snapshot that an id means, if the cache has it: of a commit or its beginning, a branch or a tag. */
export async function findSnapshot({ repository, revision }: ModelId): Promise<string | undefined> {
  const all = await CachedModel.all();
  const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
  const model =
    all.find((other) => other.repository === repository) ?? all.find((other) => same(other.repository, repository));
  if (!model) return undefined;
  const commits = await model.commits();
  const named = (await model.refs()).get(revision ?? "main");
  const begins = commits.filter((commit) => revision && revision.length >= 7 && commit.startsWith(revision));
  // With one snapshot there is no choice to make: main need not be the branch that was fetched.
  const only = revision === undefined && commits.length === 1 ? commits[0] : undefined;
  const commit = commits.find((other) => other === named) ?? (begins.length === 1 ? begins[0] : only);
  return commit && join(model.snapshots, commit);
}

/**
 * A snapshot may hold the config.json alone, where no more was asked for.
 *
 * @throws RomeError ("checkpoint") that names the snapshots of the model which have weights
 */
export async function requireWeights(id: ModelId, snapshot: string): Promise<void> {
  const hasWeights = async (folder: string) =>
    (await readdir(folder).catch(() => [])).some((name) => weightFile.test(name));
  if (await hasWeights(snapshot)) return;
  const siblings = await CachedModel.at(
    basename(dirname(dirname(snapshot)))
      .slice("models--".length)
      .replace("--", "/"),
  ).entries();
  const whole: string[] = [];
  for (const { folder, commit } of siblings)
    if (await hasWeights(folder)) whole.push(`${id.repository}@${commit.slice(0, 12)}`);
  const other = whole.length > 0 ? ` A snapshot that has them: --model ${whole.join(" or ")}.` : "";
  throw new RomeError(
    "checkpoint",
    `The cache has ${formatModelId(id)} without its weights (${snapshot}). Fetch them with: rome models add ${formatModelId(id)}.${other}`,
  );
}

/** Size of a file behind its links; undefined where there is none. */
export async function sizeOf(path: string): Promise<number | undefined> {
  const seen = await stat(path).catch(() => undefined);
  return seen?.isFile() ? seen.size : undefined;
}
