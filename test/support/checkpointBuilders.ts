import { mkdtempSync, rmSync } from "node:fs";
import { mkdir, open, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { type Reason, RomeError } from "../../src/protocol/errors.ts";

/** A new folder that is removed when the running test is finished. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "rome-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A checkpoint folder with a config.json and the given files. */
export async function checkpointFolder(files: Record<string, string | Uint8Array>): Promise<string> {
  const folder = temporaryFolder();
  await writeFile(join(folder, "config.json"), '{"model_type":"gptj"}');
  for (const [name, contents] of Object.entries(files)) {
    await mkdir(join(folder, name, ".."), { recursive: true });
    await writeFile(join(folder, name), contents);
  }
  return folder;
}

/** Expects a RomeError of the reason whose message holds all the parts, and is fit to be shown. */
export async function expectError(attempt: Promise<unknown>, reason: Reason, ...parts: string[]): Promise<void> {
  const error = await attempt.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(RomeError);
  const { message } = error as RomeError;
  expect(RomeError.is(error, reason), message).toBe(true);
  for (const part of parts) expect(message).toContain(part);
  expect(message.length).toBeLessThan(900);
  expect(message).not.toMatch(/undefined|NaN|\n|\[object/);
}

/** A safetensors file: a header (an object, or any text) and data; `length` is what the file claims of its header. */
export function safetensors(header: unknown, data: Uint8Array | number = 0, length?: bigint): Buffer {
  const text = Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
  const start = Buffer.alloc(8);
  start.writeBigUInt64LE(length ?? BigInt(text.length));
  return Buffer.concat([start, text, typeof data === "number" ? Buffer.alloc(data) : data]);
}

export interface ZipEntrySpec {
  readonly name: string;
  readonly data: Uint8Array;
  /** Bytes of the entry where they are more than `data`: the rest is a hole in the file. */
  readonly size?: number;
  /** What the headers say, where they lie. */
  readonly claims?: {
    size?: number;
    stored?: number;
    method?: number;
    flags?: number;
    at?: number;
    localName?: string;
  };
}

/** Writes a zip file of stored entries as torch.save lays it out (contents at multiples of 64, zip64 where needed). */
export async function writeZip(path: string, entries: readonly ZipEntrySpec[]): Promise<void> {
  const file = await open(path, "w");
  const central: Buffer[] = [];
  let at = 0;
  const write = async (bytes: Uint8Array) => {
    await file.write(bytes, 0, bytes.length, at);
    at += bytes.length;
  };
  for (const { name, data, size = data.length, claims = {} } of entries) {
    const { method = 0, flags = 0x800, localName = name } = claims;
    const headerOffset = claims.at ?? at;
    const [claimed, stored] = [claims.size ?? size, claims.stored ?? claims.size ?? size];
    const padding = (64 - ((at + 30 + Buffer.byteLength(localName) + 4) % 64)) % 64;
    await write(
      Buffer.concat([
        numbers([4, 0x04034b50], [2, 45], [2, flags], [2, method], [4, 0], [4, 0], [4, 0xffffffff], [4, 0xffffffff]),
        numbers([2, Buffer.byteLength(localName)], [2, 4 + padding]),
        Buffer.from(localName),
        numbers([2, 0x4246], [2, padding]),
        Buffer.alloc(padding, "Z"),
      ]),
    );
    const start = at;
    await write(data);
    at = start + size;
    const wide = [claimed, stored, headerOffset].some((value) => value >= 0xffffffff);
    const narrow = (value: number) => (wide ? 0xffffffff : value);
    const extra = wide ? numbers([2, 1], [2, 24], [8, claimed], [8, stored], [8, headerOffset]) : Buffer.alloc(0);
    central.push(
      numbers([4, 0x02014b50], [2, 45], [2, 45], [2, flags], [2, method], [4, 0], [4, 0], [4, narrow(stored)]),
      numbers([4, narrow(claimed)], [2, Buffer.byteLength(name)], [2, extra.length], [2, 0], [2, 0], [2, 0], [4, 0]),
      numbers([4, narrow(headerOffset)]),
      Buffer.from(name),
      extra,
    );
  }
  const start = at;
  const directory = Buffer.concat(central);
  await write(directory);
  const count = entries.length;
  if (start >= 0xffffffff) {
    const end64 = at;
    await write(numbers([4, 0x06064b50], [8, 44], [2, 45], [2, 45], [4, 0], [4, 0], [8, count], [8, count]));
    await write(numbers([8, directory.length], [8, start]));
    await write(numbers([4, 0x07064b50], [4, 0], [8, end64], [4, 1]));
  }
  await write(numbers([4, 0x06054b50], [2, 0], [2, 0], [2, count], [2, count], [4, directory.length]));
  await write(numbers([4, Math.min(start, 0xffffffff)], [2, 0]));
  await file.close();
}

/** Little-endian numbers, each given as [bytes, value]. */
export function numbers(...fields: [bytes: 1 | 2 | 4 | 8, value: number][]): Buffer {
  return Buffer.concat(
    fields.map(([bytes, value]) => {
      const field = Buffer.alloc(8);
      field.writeBigUInt64LE(BigInt(value));
      return field.subarray(0, bytes);
    }),
  );
}

/** Pieces of a pickle, protocol 2. */
export const pickle = {
  text: (value: string) => Buffer.concat([numbers([1, 0x58], [4, Buffer.byteLength(value)]), Buffer.from(value)]),
  whole: (value: number) => {
    const bytes = Buffer.alloc(10);
    bytes.writeUInt8(0x8a);
    bytes.writeUInt8(8, 1);
    bytes.writeBigInt64LE(BigInt(value), 2);
    return bytes;
  },
  global: (module: string, name: string) => Buffer.from(`c${module}\n${name}\n`),
  tuple: (...items: Uint8Array[]) => Buffer.concat([Buffer.from("("), ...items, Buffer.from("t")]),
  call: (callee: Uint8Array, ...args: Uint8Array[]) => Buffer.concat([callee, pickle.tuple(...args), Buffer.from("R")]),
  dictionary: (entries: Record<string, Uint8Array>) =>
    Buffer.concat([
      Buffer.from("}("),
      ...Object.entries(entries).flatMap(([key, value]) => [pickle.text(key), value]),
      Buffer.from("u"),
    ]),
  /** The whole pickle of a value. */
  of: (value: Uint8Array) => Buffer.concat([Buffer.from([0x80, 2]), value, Buffer.from(".")]),
};

export interface TensorSpec {
  readonly storage: string;
  readonly elements: number;
  readonly shape: readonly number[];
  readonly type?: string;
  readonly start?: number;
  readonly strides?: readonly number[];
}

/** What torch.save writes for a tensor. */
export function pickledTensor({
  storage,
  elements,
  shape,
  type = "FloatStorage",
  start = 0,
  strides,
}: TensorSpec): Buffer {
  const rowMajor = shape.map((_, i) => shape.slice(i + 1).reduce((a, b) => a * b, 1));
  const sizes = (values: readonly number[]) => pickle.tuple(...values.map(pickle.whole));
  return pickle.call(
    pickle.global("torch._utils", "_rebuild_tensor_v2"),
    Buffer.concat([
      pickle.tuple(
        pickle.text("storage"),
        pickle.global("torch", type),
        pickle.text(storage),
        pickle.text("cpu"),
        pickle.whole(elements),
      ),
      Buffer.from("Q"),
    ]),
    pickle.whole(start),
    sizes(shape),
    sizes(strides ?? rowMajor),
    Buffer.from([0x89]),
    pickle.call(pickle.global("collections", "OrderedDict")),
  );
}

/** The whole pickle of a state dict. */
export function stateDict(tensors: Record<string, TensorSpec>): Buffer {
  const entries = Object.entries(tensors).map(([name, spec]) => [name, pickledTensor(spec)]);
  return pickle.of(pickle.dictionary(Object.fromEntries(entries)));
}

/** The zip entry of a storage, all zeros. */
export function storageEntry(key: string, bytes: number, claims?: ZipEntrySpec["claims"]): ZipEntrySpec {
  return { name: `archive/data/${key}`, data: Buffer.alloc(bytes), claims };
}

/** A checkpoint folder whose pytorch_model.bin has the given pickle and entries. */
export async function torchFolder(data: Uint8Array, entries: readonly ZipEntrySpec[] = []): Promise<string> {
  const folder = await checkpointFolder({});
  await writeZip(join(folder, "pytorch_model.bin"), [{ name: "archive/data.pkl", data }, ...entries]);
  return folder;
}
