import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { type EditRecord, editRecord } from "../../protocol/results.ts";
import { readSafetensors, writeSafetensors } from "../checkpoint/tensorFile.ts";
import { unwritable, writeAtomically } from "../files/atomicWrite.ts";
import { lock } from "../files/lock.ts";
import { RomeError } from "../run/errors.ts";

/** What a data set was recorded with: everything that its numbers depend on. Two of the same manifest can be joined. */
const manifestSchema = v.object({
  schema: v.literal(1),
  model: v.object({ name: v.string(), fingerprint: v.string() }),
  concept: v.string(),
  prompt: v.string(),
  targets: v.tuple([
    v.object({ label: v.string(), text: v.string() }),
    v.object({ label: v.string(), text: v.string() }),
  ]),
  layer: v.number(),
  key: v.string(),
  covarianceTokens: v.number(),
  hyperParameters: v.record(v.string(), v.unknown()),
  contexts: v.array(v.string()),
  /** Names in all, and the hash of the list. */
  names: v.object({ count: v.number(), sha256: v.string() }),
  /** Names solved together; the last digits of a Δv depend on it. */
  batch: v.number(),
  versions: v.record(v.string(), v.string()),
});
export type Manifest = v.InferOutput<typeof manifestSchema>;

/** Rows of a data set, or of one batch of it. */
export interface Rows {
  readonly records: readonly EditRecord[];
  /** Δv [n, d]; v [n, d] and the bare prompt's key [n, m], which a shipped data set leaves out. */
  readonly delta: Float32Array;
  readonly value?: Float32Array;
  readonly key?: Float32Array;
}

const files = { manifest: "manifest.json", records: "records.jsonl", deltas: "deltas.safetensors", batches: "batches" };

/** A folder of recorded edits: manifest, and either finished files or the batches recorded so far. */
export class Dataset {
  private constructor(
    readonly folder: string,
    readonly manifest: Manifest,
  ) {}

  /** Opens a data set that exists; `data` error where it is missing or damaged. */
  static async open(folder: string): Promise<Dataset> {
    const path = join(folder, files.manifest);
    const text = await readFile(path, "utf8").catch((cause) => {
      throw new RomeError(
        "data",
        `${folder} holds no data set: ${files.manifest} is missing. Record one with: rome record.`,
        { cause },
      );
    });
    const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), manifestSchema), text);
    if (!parsed.success)
      throw new RomeError("data", `${path} is damaged (${parsed.issues[0].message}). Record into a new folder.`);
    return new Dataset(folder, parsed.output);
  }

  /** Opens a folder to record into with this manifest; refused, with what differs, where it holds another recording. */
  static async create(folder: string, manifest: Manifest): Promise<Dataset> {
    await mkdir(join(folder, files.batches), { recursive: true }).catch((cause) => {
      throw unwritable(folder, cause);
    });
    const path = join(folder, files.manifest);
    const exists = (await readdir(folder)).includes(files.manifest);
    if (exists) {
      const known = await Dataset.open(folder);
      const differs = (Object.keys(manifest) as (keyof Manifest)[])
        .filter((key) => key !== "versions")
        .filter((key) => JSON.stringify(known.manifest[key]) !== JSON.stringify(manifest[key]));
      if (differs.length > 0)
        throw new RomeError(
          "data",
          `${folder} was recorded with another ${differs.map((key) => describe(key, known.manifest, manifest)).join(", ")}. Record into another folder.`,
        );
      return known;
    }
    await writeAtomically(path, [Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`)]);
    return new Dataset(folder, manifest);
  }

  /** Keeps every other recorder out while `work` runs; a lock left by a dead process is taken over. */
  static async locked<T>(folder: string, work: () => Promise<T>): Promise<T> {
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

  /** Stores one batch, whole or not at all. */
  async writeBatch(index: number, rows: Rows): Promise<void> {
    await writeSafetensors(this.#batchPath(index), tensorsOf(rows), { records: JSON.stringify(rows.records) });
  }

  /** A batch recorded earlier; undefined where there is none, or only a torn one, which is to be done again. */
  async readBatch(index: number): Promise<Rows | undefined> {
    const file = await readSafetensors(this.#batchPath(index)).catch(() => undefined);
    const records = v.safeParse(v.pipe(v.string(), v.parseJson(), v.array(editRecord)), file?.metadata.records);
    const delta = file?.tensors.get("delta")?.data;
    if (!records.success || !(delta instanceof Float32Array)) return undefined;
    return { records: records.output, delta, value: single(file, "value"), key: single(file, "key") };
  }

  #batchPath(index: number): string {
    return join(this.folder, files.batches, `${String(index).padStart(6, "0")}.safetensors`);
  }

  /** The finished files exist. */
  async isFinished(): Promise<boolean> {
    return (await readdir(this.folder)).includes(files.records);
  }

  /** Joins batches into the finished files; `read` gives each. The deltas are written first: the records vouch for them. */
  async finish(read: (index: number) => Promise<Rows | undefined>): Promise<void> {
    const batches: Rows[] = [];
    for (let index = 0; index < this.batchCount; index++) {
      const rows = await read(index);
      if (!rows)
        throw new RomeError(
          "data",
          `Batch ${index} of ${this.batchCount} is missing. Run rome record again; it does what is missing.`,
        );
      batches.push(rows);
    }
    await this.write({
      records: batches.flatMap(({ records }) => records),
      delta: join32(batches.map(({ delta }) => delta)),
      value: join32(batches.map(({ value }) => value ?? new Float32Array(0))),
      key: join32(batches.map(({ key }) => key ?? new Float32Array(0))),
    });
    await rm(join(this.folder, files.batches), { recursive: true, force: true });
  }

  /** Writes finished files. */
  async write(rows: Rows): Promise<void> {
    await writeSafetensors(join(this.folder, files.deltas), tensorsOf(rows));
    const lines = rows.records.map((record) => `${JSON.stringify(record)}\n`).join("");
    await writeAtomically(join(this.folder, files.records), [Buffer.from(lines)]);
  }

  /** All rows of a finished data set; `data` error where it is unfinished or damaged. */
  async read(): Promise<Rows> {
    const text = await readFile(join(this.folder, files.records), "utf8").catch((cause) => {
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
      .map((line, i) => {
        const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), editRecord), line);
        if (!parsed.success)
          throw new RomeError("data", `${path}, line ${i + 1} is damaged: ${parsed.issues[0].message}.`);
        return parsed.output;
      });
    const file = await readSafetensors(join(this.folder, files.deltas));
    const delta = single(file, "delta");
    const width = file.tensors.get("delta")?.shape[1] ?? 0;
    if (!delta || delta.length !== records.length * width)
      throw new RomeError("data", `${files.deltas} in ${this.folder} does not have a row for each record.`);
    return { records, delta, value: single(file, "value"), key: single(file, "key") };
  }
}

function single(file: Awaited<ReturnType<typeof readSafetensors>> | undefined, name: string): Float32Array | undefined {
  const data = file?.tensors.get(name)?.data;
  return data instanceof Float32Array ? data : undefined;
}

function tensorsOf({ records, delta, value, key }: Rows) {
  const tensor = (data: Float32Array) => ({ shape: [records.length, data.length / Math.max(1, records.length)], data });
  return {
    delta: tensor(delta),
    ...(value?.length ? { value: tensor(value) } : {}),
    ...(key?.length ? { key: tensor(key) } : {}),
  };
}

function join32(parts: readonly Float32Array[]): Float32Array {
  const joined = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Says how two manifests differ, where that is short. */
function describe(key: keyof Manifest, known: Manifest, wanted: Manifest): string {
  const [a, b] = [known[key], wanted[key]].map((value) => JSON.stringify(value));
  return a && b && a.length + b.length < 120 ? `${key} (${a}, not ${b})` : key;
}
