import { access, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { RomeError } from "../../protocol/errors.ts";
import { type EditRecord, editRecord } from "../../protocol/results.ts";
import { readSafetensors, writeSafetensors, writeSafetensorsRows } from "../checkpoint/tensorFile.ts";
import { unwritable, writeAtomically } from "../files/atomicWrite.ts";
import { lock } from "../files/lock.ts";
import { makeFolder } from "../files/makeFolder.ts";
import { type Kind, requireOwnFolder } from "../files/ownKind.ts";
import { readText } from "../files/readText.ts";
import { differencesOf, type Manifest, manifestName, readManifest } from "./manifest.ts";
import { type Rows, requireList, requireRows, tensorOf } from "./rows.ts";

const files = { records: "records.jsonl", deltas: "deltas.safetensors", batches: "batches", jobs: "jobs" };
const results = ["report.json", "report.html", "classifier.json"];

/** A folder with a manifest of ours, or with nothing that a recording does not leave, were it stopped at its start. */
const kind: Kind = {
  name: "a data set",
  isOwn: async (folder) => {
    const usual = new Set([manifestName, ...Object.values(files), ...results]);
    const names = (await readdir(folder)).filter((name) => !name.startsWith("."));
    return names.every((name) => usual.has(name) || name.endsWith(".tmp")) || Boolean(await readManifest(folder));
  },
};

/** A folder of recorded edits: manifest, and either finished files or the batches recorded so far. */
export class Dataset {
  private constructor(
    readonly folder: string,
    readonly manifest: Manifest,
  ) {}

  /** Opens a data set that exists; `data` error where it is missing or damaged. */
  static async open(folder: string): Promise<Dataset> {
    return new Dataset(folder, await readManifest(folder));
  }

  /**
   * Makes sure, before any work, that a data set can be made or continued in a folder.
   *
   * @throws RomeError "input" for a folder of something else; "disk"
   */
  static requirePlace(folder: string): Promise<void> {
    return requireOwnFolder(folder, kind);
  }

  /** Opens a folder to record into with this manifest; refused, with what differs, where it holds another recording. */
  static async create(folder: string, manifest: Manifest): Promise<Dataset> {
    await makeFolder(join(folder, files.batches)).catch((cause) => {
      throw unwritable(folder, cause);
    });
    const path = join(folder, manifestName);
    const exists = (await readdir(folder)).includes(manifestName);
    if (exists) {
      const known = await Dataset.open(folder);
      known.requireSame(manifest);
      return known;
    }
    await writeAtomically(path, [Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`)]);
    return new Dataset(folder, manifest);
  }

  /** @throws RomeError "data" with what differs, where this is a recording of another manifest */
  requireSame(manifest: Manifest): void {
    const differences = differencesOf(this.manifest, manifest);
    const sameNames = "Give it the names as they were (the file, --count and --seed), or record into another folder.";
    const advice = differences.includes("names") ? sameNames : "Record into another folder.";
    if (differences.length > 0)
      throw new RomeError(
        "data",
        `${this.folder} was recorded with another ${differences.join(", another ")}. ${advice}`,
      );
  }

  /** Keeps every other recorder out while `work` runs; a lock left by a dead process is taken over. */
  static async locked<T>(folder: string, work: () => Promise<T>): Promise<T> {
    await Dataset.requirePlace(folder);
    const release = await lock(folder, { reason: "data" });
    try {
      return await work();
    } finally {
      await release();
    }
  }

  get batchCount(): number {
    return Math.ceil(this.manifest.names.count / this.manifest.batch);
  }

  /** Where the rows of a batch have their place, with the names that stand there if the whole list is given. */
  #placeOf(index: number, names?: readonly string[]) {
    const { batch, names: all } = this.manifest;
    const start = index * batch;
    return { start, count: Math.min(batch, all.count - start), names: names?.slice(start, start + batch) };
  }

  /** Stores one batch, whole or not at all; `data` error for rows that could not be read again. */
  async writeBatch(index: number, rows: Rows): Promise<void> {
    const path = this.#batchPath(index);
    requireRows(rows, this.#placeOf(index), this.manifest, (what) => {
      return new RomeError("data", `${path} was not written, because it could not be read again: ${what}.`);
    });
    await writeSafetensors(path, tensorsOf(rows), { records: JSON.stringify(rows.records) });
  }

  /**
   * A batch recorded earlier; undefined where there is none, or one that is torn, damaged or of other names, which is to
   * be done again.
   *
   * @param names the whole list, where it is at hand
   */
  async readBatch(index: number, names?: readonly string[]): Promise<Rows | undefined> {
    try {
      const place = this.#placeOf(index, names);
      const file = await readSafetensors(this.#batchPath(index));
      const records = v.parse(v.pipe(v.string(), v.parseJson(), v.array(editRecord)), file.metadata.records);
      const tensor = (name: string) => tensorOf(file, name, place.count);
      const rows = { records, delta: tensor("delta") ?? none, value: tensor("value"), key: tensor("key") };
      requireRows(rows, place, this.manifest, (what) => new RomeError("data", what));
      return rows;
    } catch {
      return undefined;
    }
  }

  #batchPath(index: number): string {
    return join(this.folder, files.batches, `${String(index).padStart(6, "0")}.safetensors`);
  }

  /** The batches that lie there, by their names alone: what is damaged shows when it is read. All, once it is finished. */
  async batchesThere(): Promise<Set<number>> {
    if (await this.isFinished()) return new Set(Array.from({ length: this.batchCount }, (_, index) => index));
    const names = await readdir(join(this.folder, files.batches)).catch(() => [] as string[]);
    return new Set(names.filter((name) => name.endsWith(".safetensors")).map((name) => Number.parseInt(name, 10)));
  }

  /** When a batch was written, in milliseconds; undefined where it is not there. */
  async writtenAt(index: number): Promise<number | undefined> {
    return stat(this.#batchPath(index)).then(
      ({ mtimeMs }) => mtimeMs,
      () => undefined,
    );
  }

  /** The finished files exist. */
  isFinished(): Promise<boolean> {
    return isThere(join(this.folder, files.records));
  }

  /**
   * Joins batches into the finished files; `read` gives each, and one at a time is in memory. The deltas are written
   * first: the records vouch for them.
   */
  async finish(read: (index: number) => Promise<Rows | undefined>): Promise<void> {
    const batch = async (index: number) => {
      const rows = await read(index);
      if (rows) return rows;
      throw new RomeError(
        "data",
        `Batch ${index} of ${this.batchCount} is missing. Run rome record again; it does what is missing.`,
      );
    };
    const { count } = this.manifest.names;
    const widths = Object.fromEntries(
      Object.entries(tensorsOf(await batch(0))).map(([name, { shape }]) => [name, shape[1] as number]),
    );
    const lines: Buffer[] = [];
    const { batchCount } = this;
    async function* blocks() {
      for (let index = 0; index < batchCount; index++) {
        const rows = await batch(index);
        lines.push(linesOf(rows.records));
        yield Object.fromEntries(Object.entries(tensorsOf(rows)).map(([name, { data }]) => [name, data]));
      }
    }
    await writeSafetensorsRows(join(this.folder, files.deltas), count, widths, blocks());
    await writeAtomically(join(this.folder, files.records), lines);
    await rm(join(this.folder, files.batches), { recursive: true, force: true });
  }

  /**
   * All rows of a finished data set, but for the keys: they are the widest, and for other programs.
   *
   * @param names the list that they must be of, where it is at hand
   * @throws RomeError "data" where it is unfinished, damaged, or of other names than it was recorded for
   */
  async read(names?: readonly string[]): Promise<Rows> {
    const text = await readText(join(this.folder, files.records)).catch((cause) => {
      throw new RomeError(
        "data",
        `${this.folder} is not finished. Run rome record on it again: it goes on where it stopped.`,
        { cause },
      );
    });
    const path = join(this.folder, files.records);
    const records = text
      .split("\n")
      .filter((line) => line !== "")
      .map((line, i): EditRecord => {
        const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), editRecord), line);
        if (!parsed.success)
          throw new RomeError("data", `${path}, line ${i + 1} is damaged: ${parsed.issues[0].message}. ${lost}`);
        return parsed.output;
      });
    const { count } = this.manifest.names;
    const file = await this.#deltas(["delta", "value"]);
    const rows = { records, delta: tensorOf(file, "delta", count) ?? none, value: tensorOf(file, "value", count) };
    const wrong = (what: string) => new RomeError("data", `${this.folder} is damaged: ${what}. ${lost}`);
    requireRows(rows, { start: 0, count, names }, this.manifest, wrong);
    requireList(records, this.manifest, wrong);
    return rows;
  }

  /**
   * Makes sure that the files of a finished data set are whole, without reading the rows: their lines and bytes are counted.
   *
   * @throws RomeError "data" with the file that is not
   */
  async requireWhole(): Promise<void> {
    const path = join(this.folder, files.records);
    const lines = (await readText(path)).split("\n").filter((line) => line !== "").length;
    const { count } = this.manifest.names;
    if (lines !== count)
      throw new RomeError("data", `${path} is damaged: it has ${lines} records, not ${count}. ${lost}`);
    await this.#deltas([]);
  }

  async #deltas(names: readonly string[]) {
    const path = join(this.folder, files.deltas);
    if (!(await isThere(path))) throw new RomeError("data", `${path} is missing. ${lost}`);
    return readSafetensors(path, names);
  }
}

const lost = "Restore a copy, or record into a new folder.";
const none = new Float32Array(0);

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function tensorsOf({ records, delta, value, key }: Rows) {
  const tensor = (data: Float32Array) => ({ shape: [records.length, data.length / Math.max(1, records.length)], data });
  return {
    delta: tensor(delta),
    ...(value?.length ? { value: tensor(value) } : {}),
    ...(key?.length ? { key: tensor(key) } : {}),
  };
}

function linesOf(records: readonly EditRecord[]): Buffer {
  return Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join(""));
}
