import { bytesPerElement, type WeightType } from "./tensor.ts";

const scratch = new DataView(new ArrayBuffer(4));

/** What each 16-bit pattern stands for, made when first needed. */
const tables = new Map<WeightType, Float32Array>();

function tableOf(type: "F16" | "BF16"): Float32Array {
  const known = tables.get(type);
  if (known) return known;
  const table = Float32Array.from({ length: 2 ** 16 }, (_, bits) => (type === "F16" ? fromHalf : fromBfloat)(bits));
  tables.set(type, table);
  return table;
}

/** Bytes of a weight as numbers [length / size of an element]; every stored value is a float32 exactly. */
export function decodeNumbers(bytes: Uint8Array, type: WeightType): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const numbers = new Float32Array(bytes.length / bytesPerElement[type]);
  if (type === "F32") for (let i = 0; i < numbers.length; i++) numbers[i] = view.getFloat32(4 * i, true);
  else {
    const table = tableOf(type);
    for (let i = 0; i < numbers.length; i++) numbers[i] = table[view.getUint16(2 * i, true)] as number;
  }
  return numbers;
}

/** Numbers as the bytes of a weight, rounded to the nearest, ties to even, as PyTorch's casts are. */
export function encodeNumbers(values: Float32Array, type: WeightType): Uint8Array {
  const bytes = new Uint8Array(values.length * (type === "F32" ? 4 : 2));
  const view = new DataView(bytes.buffer);
  if (type === "F32") values.forEach((value, i) => void view.setFloat32(4 * i, value, true));
  else {
    const encode = type === "F16" ? toHalf : toBfloat;
    const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
    for (let i = 0; i < bits.length; i++) view.setUint16(2 * i, encode(bits[i] as number), true);
  }
  return bytes;
}

function fromBfloat(bits: number): number {
  scratch.setUint32(0, bits << 16);
  return scratch.getFloat32(0);
}

/** From the bits of a float32. */
function toBfloat(bits: number): number {
  if ((bits & 0x7fffffff) > 0x7f800000) return 0x7fc0;
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}

/** 1 sign bit, 5 of the exponent (bias 15), 10 of the fraction. */
export function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 31;
  const fraction = bits & 0x3ff;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

/** From the bits of a float32. */
function toHalf(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const size = bits & 0x7fffffff;
  if (size > 0x7f800000) return 0x7e00;
  // From the middle between the largest half, 65504, and what would be the next on.
  if (size >= 0x477ff000) return sign | 0x7c00;
  // Below the least normal half the steps stay 2^-24: adding 0.5, whose own step that is, rounds to them.
  if (size < 0x38800000) return sign | (bitsOf(floatOf(size) + 0.5) - bitsOf(0.5));
  // The other exponent bias; a fraction that rounds up carries into the exponent by itself.
  return sign | ((size - 0x38000000 + 0xfff + ((size >>> 13) & 1)) >>> 13);
}

function bitsOf(value: number): number {
  scratch.setFloat32(0, value);
  return scratch.getUint32(0);
}

function floatOf(bits: number): number {
  scratch.setUint32(0, bits);
  return scratch.getFloat32(0);
}
