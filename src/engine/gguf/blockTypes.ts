/**
 * How GGUF stores numbers: in blocks that share a scale. Each is unpacked here to the float32 numbers that the Python
 * package `gguf` gives, to the bit: every product and every sum is rounded to float32.
 */
import { decodeNumbers, fromHalf } from "../checkpoint/storedNumbers.ts";

export interface BlockType {
  /** Numbers of one block. */
  readonly elements: number;
  /** Bytes of one block. */
  readonly bytes: number;
  /** The numbers of whole blocks [blocks · elements]. */
  readonly unpack: (bytes: Uint8Array) => Float32Array;
}

type UnpackBlock = (block: DataView, out: Float32Array) => void;

/** A type whose blocks are unpacked one by one. */
function blocks(elements: number, bytes: number, unpackBlock: UnpackBlock): BlockType {
  const unpack = (stored: Uint8Array) => {
    const count = stored.length / bytes;
    const out = new Float32Array(count * elements);
    for (let i = 0; i < count; i++) {
      const block = new DataView(stored.buffer, stored.byteOffset + i * bytes, bytes);
      unpackBlock(block, out.subarray(i * elements, (i + 1) * elements));
    }
    return out;
  };
  return { elements, bytes, unpack };
}

const float = Math.fround;
const half = (block: DataView, at: number) => fromHalf(block.getUint16(at, true));

/** 32 numbers of 4 bits, the low halves of 16 bytes first; `high` has the fifth bit of each, and is 0 where there is none. */
function eachOf32(block: DataView, at: number, high: number, use: (i: number, q: number) => void): void {
  for (let i = 0; i < 16; i++) {
    const byte = block.getUint8(at + i);
    use(i, (byte & 15) | (((high >>> i) & 1) << 4));
    use(i + 16, (byte >> 4) | (((high >>> (i + 16)) & 1) << 4));
  }
}

/** q · d, q an offset below its stored value. */
const scaled = (offset: number, highAt: number | undefined, at: number): UnpackBlock => {
  return (block, out) => {
    const d = half(block, 0);
    const high = highAt === undefined ? 0 : block.getUint32(highAt, true);
    eachOf32(block, at, high, (i, q) => {
      out[i] = d * (q - offset);
    });
  };
};

/** q · d + m. */
const shifted = (highAt: number | undefined, at: number): UnpackBlock => {
  return (block, out) => {
    const [d, m] = [half(block, 0), half(block, 2)];
    const high = highAt === undefined ? 0 : block.getUint32(highAt, true);
    eachOf32(block, at, high, (i, q) => {
      out[i] = float(d * q) + m;
    });
  };
};

/** Scale and minimum, 6 bits each, of a part of 32 numbers; 12 bytes hold those of 8 parts. */
function scaleAndMinimum(block: DataView, part: number): [scale: number, minimum: number] {
  const byte = (i: number) => block.getUint8(4 + i);
  if (part < 4) return [byte(part) & 63, byte(part + 4) & 63];
  const low = byte(part + 4);
  return [(low & 15) | ((byte(part - 4) >> 2) & 48), (low >> 4) | ((byte(part) >> 2) & 48)];
}

/** 8 parts of 32 numbers, each with a scale and a minimum of its own, scaled in turn; Q5_K has a fifth bit at `highAt`. */
const parts = (highAt: number | undefined, at: number): UnpackBlock => {
  return (block, out) => {
    const [d, dMinimum] = [half(block, 0), half(block, 2)];
    for (let part = 0; part < 8; part++) {
      const [scale, minimum] = scaleAndMinimum(block, part);
      const [s, m] = [float(d * scale), float(dMinimum * minimum)];
      const shift = 4 * (part & 1);
      for (let i = 0; i < 32; i++) {
        const low = (block.getUint8(at + 32 * (part >> 1) + i) >> shift) & 15;
        const high = highAt === undefined ? 0 : (block.getUint8(highAt + i) >> part) & 1;
        out[32 * part + i] = float(s * (low | (high << 4))) - m;
      }
    }
  };
};

/** 16 parts of 16 numbers of 6 bits: 4 in `low`, 2 in `high`. */
const sixBits: UnpackBlock = (block, out) => {
  const d = half(block, 208);
  for (let i = 0; i < 256; i++) {
    const [side, group, place] = [i >> 7, (i >> 5) & 3, i & 31];
    const low = (block.getUint8(64 * side + 32 * (group & 1) + place) >> (4 * (group >> 1))) & 15;
    const high = (block.getUint8(128 + 32 * side + place) >> (2 * group)) & 3;
    out[i] = float(d * block.getInt8(192 + (i >> 4))) * ((low | (high << 4)) - 32);
  }
};

const eightBits: UnpackBlock = (block, out) => {
  const d = half(block, 0);
  for (let i = 0; i < 32; i++) out[i] = d * block.getInt8(2 + i);
};

/** Types that can be unpacked, by their names in GGUF. */
export const blockTypes: Readonly<Record<string, BlockType>> = {
  F32: { elements: 1, bytes: 4, unpack: (bytes) => decodeNumbers(bytes, "F32") },
  F16: { elements: 1, bytes: 2, unpack: (bytes) => decodeNumbers(bytes, "F16") },
  BF16: { elements: 1, bytes: 2, unpack: (bytes) => decodeNumbers(bytes, "BF16") },
  Q4_0: blocks(32, 18, scaled(8, undefined, 2)),
  Q4_1: blocks(32, 20, shifted(undefined, 4)),
  Q5_0: blocks(32, 22, scaled(16, 2, 6)),
  Q5_1: blocks(32, 24, shifted(4, 8)),
  Q8_0: blocks(32, 34, eightBits),
  Q4_K: blocks(256, 144, parts(undefined, 16)),
  Q5_K: blocks(256, 176, parts(16, 48)),
  Q6_K: blocks(256, 210, sixBits),
};
