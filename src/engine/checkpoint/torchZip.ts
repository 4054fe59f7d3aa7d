import { type SourceFile, shorten } from "./sourceFile.ts";

/** Bytes of an entry's contents inside the zip file. */
export interface ZipRange {
  /** From the start of the file. */
  readonly offset: number;
  readonly length: number;
}

interface ZipEntry {
  readonly name: string;
  readonly nameBytes: Buffer;
  readonly size: number;
  readonly headerOffset: number;
  /** Neither compressed nor encrypted. */
  readonly plain: boolean;
  /** Where the next entry (or the directory) begins: the contents end before. */
  limit: number;
}

const signature = { local: 0x04034b50, central: 0x02014b50, end: 0x06054b50, locator: 0x07064b50, end64: 0x06064b50 };
const endLength = 22;
const locatorLength = 20;
const end64Length = 56;
const centralLength = 46;
const localLength = 30;
const mostDirectory = 2 ** 23;
const in64 = 0xffffffff;

/**
 * The directory of a zip file whose entries are stored uncompressed, as torch.save writes them: it tells where in
 * the file an entry's bytes lie. zip64 is understood, so files and entries may be far larger than 4 GiB.
 * (PKWARE APPNOTE 6.3, sections 4.3.7 to 4.3.16 and 4.5.3.)
 */
export class ZipDirectory {
  private constructor(
    readonly file: SourceFile,
    private readonly entries: ReadonlyMap<string, ZipEntry>,
  ) {}

  /** Reads the central directory; everything that does not fit the file is a RomeError of the file's reason. */
  static async read(file: SourceFile): Promise<ZipDirectory> {
    const { start, length, count } = await findDirectory(file);
    if (length > mostDirectory)
      throw file.damaged(`its zip directory claims ${length} bytes, more than any model needs`);
    const directory = await file.read(start, length);
    const entries = new Map<string, ZipEntry>();
    let at = 0;
    for (let i = 0; i < count; i++) {
      if (at + centralLength > length || directory.readUInt32LE(at) !== signature.central) {
        throw file.damaged(`its zip directory breaks off after ${i} of ${count} entries`);
      }
      const end = at + centralLength + [28, 30, 32].reduce((sum, field) => sum + directory.readUInt16LE(at + field), 0);
      if (end > length) throw file.damaged(`its zip directory breaks off after ${i} of ${count} entries`);
      const entry = centralEntry(file, directory.subarray(at, end));
      if (entries.has(entry.name)) throw file.damaged(`its zip directory lists "${shorten(entry.name)}" twice`);
      entries.set(entry.name, entry);
      at = end;
    }
    let limit = start;
    for (const entry of [...entries.values()].sort((a, b) => b.headerOffset - a.headerOffset)) {
      entry.limit = limit;
      limit = entry.headerOffset;
    }
    return new ZipDirectory(file, entries);
  }

  get names(): Iterable<string> {
    return this.entries.keys();
  }

  /** Where the contents of an entry lie, or undefined if there is no such entry. */
  async locate(name: string): Promise<ZipRange | undefined> {
    const entry = this.entries.get(name);
    if (!entry) return undefined;
    const { headerOffset, nameBytes, size, limit, plain } = entry;
    const wrong = (what: string) => this.file.damaged(`the zip entry "${shorten(name)}" ${what}`);
    if (!plain) throw wrong("is compressed or encrypted, which torch.save never does");
    const head = localLength + nameBytes.length;
    if (headerOffset + head > limit) throw wrong("overlaps what follows it");
    // The length of the extra field here differs from the directory's: torch pads with it to align the contents.
    const local = await this.file.read(headerOffset, head);
    const named = local.readUInt16LE(26) === nameBytes.length && local.subarray(localLength).equals(nameBytes);
    if (local.readUInt32LE(0) !== signature.local || !named) throw wrong("is not where the directory says");
    const offset = headerOffset + head + local.readUInt16LE(28);
    if (offset + size > limit) throw wrong(`of ${size} bytes overlaps what follows it`);
    return { offset, length: size };
  }
}

/** Finds the central directory through the record at the file's end, and through its zip64 form where there is one. */
async function findDirectory(file: SourceFile): Promise<{ start: number; length: number; count: number }> {
  const broken = () => file.damaged("it does not end as a zip file does, so it was probably cut short");
  if (file.size < endLength) throw broken();
  const tail = await file.read(
    file.size - Math.min(file.size, endLength + 0xffff),
    Math.min(file.size, endLength + 0xffff),
  );
  const at = lastEnd(tail);
  if (at === undefined) throw broken();
  const endOffset = file.size - tail.length + at;
  let [count, length, start] = [tail.readUInt16LE(at + 10), tail.readUInt32LE(at + 12), tail.readUInt32LE(at + 16)];
  let limit = endOffset;
  const locatorAt = at - locatorLength;
  if (locatorAt >= 0 && tail.readUInt32LE(locatorAt) === signature.locator) {
    limit = whole(file, tail.readBigUInt64LE(locatorAt + 8));
    if (limit + end64Length > endOffset) throw file.damaged("its zip64 directory lies outside the file");
    const end64 = await file.read(limit, end64Length);
    if (end64.readUInt32LE(0) !== signature.end64) throw file.damaged("its zip64 directory is not where it should be");
    [count, length, start] = [32, 40, 48].map((field) => whole(file, end64.readBigUInt64LE(field))) as [
      number,
      number,
      number,
    ];
  }
  if (start + length > limit || count * centralLength > length) {
    throw file.damaged(`its zip directory (${count} entries, ${length} bytes at ${start}) does not fit the file`);
  }
  return { start, length, count };
}

/** Position of the last end record whose comment reaches exactly to the end of the file. */
function lastEnd(tail: Buffer): number | undefined {
  for (let at = tail.length - endLength; at >= 0; at--) {
    if (tail.readUInt32LE(at) === signature.end && tail.readUInt16LE(at + 20) === tail.length - at - endLength)
      return at;
  }
  return undefined;
}

function centralEntry(file: SourceFile, record: Buffer): ZipEntry {
  const nameEnd = centralLength + record.readUInt16LE(28);
  const name = record.toString("utf8", centralLength, nameEnd);
  const wrong = (what: string) => file.damaged(`the zip entry "${shorten(name)}" ${what}`);
  const plain = record.readUInt16LE(10) === 0 && (record.readUInt16LE(8) & 1) === 0;
  const extra = extended(record.subarray(nameEnd, nameEnd + record.readUInt16LE(30)));
  let taken = 0;
  // A field that is all ones stands in the zip64 extra field instead, in this order.
  const wide = (field: number): number => {
    const narrow = record.readUInt32LE(field);
    if (narrow !== in64) return narrow;
    if (!extra || taken + 8 > extra.length) throw wrong("has no 64-bit sizes where they are needed");
    const value = whole(file, extra.readBigUInt64LE(taken));
    taken += 8;
    return value;
  };
  const [size, stored, headerOffset] = [wide(24), wide(20), wide(42)];
  if (plain && size !== stored) throw wrong(`claims ${size} bytes in ${stored}`);
  return { name, nameBytes: record.subarray(centralLength, nameEnd), size, headerOffset, limit: 0, plain };
}

/** The contents of the zip64 extra field (id 1), if it is there. */
function extended(extra: Buffer): Buffer | undefined {
  for (let at = 0; at + 4 <= extra.length; ) {
    const end = at + 4 + extra.readUInt16LE(at + 2);
    if (end > extra.length) return undefined;
    if (extra.readUInt16LE(at) === 1) return extra.subarray(at + 4, end);
    at = end;
  }
  return undefined;
}

function whole(file: SourceFile, value: bigint): number {
  if (value > Number.MAX_SAFE_INTEGER) throw file.damaged(`its zip directory holds the impossible offset ${value}`);
  return Number(value);
}
