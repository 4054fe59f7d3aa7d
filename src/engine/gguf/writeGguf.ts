/** GGUF's numbers for what is written here: a string, a whole number of 32 bits; tensors of float32. */
const types = { text: 8, whole: 4, float32: 0 };
const version = 3;
const alignment = 32;

/**
 * The bytes of a GGUF file (version 3, little-endian) with texts and whole numbers as metadata and vectors as tensors,
 * in the order given: as the Python package `gguf` writes it.
 */
export function ggufBytes(
  metadata: Readonly<Record<string, string | number>>,
  tensors: Readonly<Record<string, Float32Array>>,
): Buffer {
  const [entries, vectors] = [Object.entries(metadata), Object.entries(tensors)];
  const infos: Buffer[] = [];
  const data: Buffer[] = [];
  let offset = 0;
  for (const [name, values] of vectors) {
    infos.push(text(name), whole(1), long(values.length), whole(types.float32), long(offset));
    const bytes = padded(
      Buffer.from(Uint8Array.from(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))),
    );
    data.push(bytes);
    offset += bytes.length;
  }
  const header = [
    Buffer.from("GGUF"),
    whole(version),
    long(vectors.length),
    long(entries.length),
    ...entries.flatMap(([key, value]) =>
      typeof value === "string"
        ? [text(key), whole(types.text), text(value)]
        : [text(key), whole(types.whole), whole(value)],
    ),
    ...infos,
  ];
  return Buffer.concat([padded(Buffer.concat(header)), ...data]);
}

function whole(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function long(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

/** Length in bytes, then the bytes. */
function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([long(bytes.length), bytes]);
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((alignment - (bytes.length % alignment)) % alignment)]);
}
