import type { RomeError } from "../../protocol/errors.ts";

/** Something that only the caller's hooks make and understand: a storage, a tensor, a name. */
export abstract class PickleObject {
  /** Keeps plain data from passing for one of these. */
  protected readonly isPickleObject = true;
}

/** What a pickle may hold: plain data, lists and tuples (arrays), dictionaries (maps) and the hooks' own objects. */
export type PickleValue =
  | null
  | boolean
  | number
  | string
  | PickleObject
  | PickleValue[]
  | Map<string | number, PickleValue>;

/** The only ways by which a pickle reaches anything outside itself. */
export interface PickleHooks {
  /** The object for a dotted Python name, e.g. "collections.OrderedDict"; throws for a name that is not allowed. */
  global(name: string): PickleObject;
  /** What calling `callee` gives; throws for a callee or arguments that are not allowed. */
  call(callee: PickleValue, args: PickleValue): PickleValue;
  /** The object for a persistent id; throws for an id that is not allowed. */
  persistent(id: PickleValue): PickleObject;
  /** The error for a pickle that is broken; `what` continues "its pickle …". */
  damaged(what: string): RomeError;
}

/** Lists, dictionaries, their entries and remembered values, all together. */
const mostObjects = 2_000_000;
const mostStack = 1_000_000;

/** The state of a running pickle: its bytes, stack, marks and memo, each access checked and bounded. */
export class PickleMachine {
  #at = 0;
  #objects = 0;
  readonly #stack: PickleValue[] = [];
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, PickleValue>();

  constructor(
    private readonly bytes: Buffer,
    readonly hooks: PickleHooks,
  ) {}

  /** The next bytes of the pickle. */
  take(length: number): Buffer {
    if (length > this.bytes.length - this.#at) throw this.hooks.damaged("breaks off");
    this.#at += length;
    return this.bytes.subarray(this.#at - length, this.#at);
  }

  uint(length: 1 | 2 | 4): number {
    return this.take(length).readUIntLE(0, length);
  }

  /** A whole number of any length, little-endian two's complement, if it is one that JavaScript holds exactly. */
  long(length: number): number {
    if (length > 8) throw this.hooks.damaged(`has a number of ${length} bytes`);
    let value = 0n;
    for (const byte of this.take(length).toReversed()) value = value * 256n + BigInt(byte);
    const number = Number(BigInt.asIntN(8 * length, value));
    if (!Number.isSafeInteger(number)) throw this.hooks.damaged(`has the number ${number}`);
    return number;
  }

  /** The text up to the next line feed. */
  line(): string {
    const end = this.bytes.indexOf(0x0a, this.#at);
    if (end < 0) throw this.hooks.damaged("breaks off");
    return this.take(end + 1 - this.#at)
      .toString("utf8")
      .slice(0, -1);
  }

  push(value: PickleValue): void {
    if (this.#stack.push(value) > mostStack) throw this.hooks.damaged("fills its stack beyond what any model needs");
  }

  /** Pushes a new list, tuple or dictionary. */
  make(value: PickleValue): void {
    this.#count(1);
    this.push(value);
  }

  pop(): PickleValue {
    return this.popMany(1)[0] as PickleValue;
  }

  popMany(count: number): PickleValue[] {
    const from = this.#stack.length - count;
    if (from < (this.#marks.at(-1) ?? 0)) throw this.hooks.damaged("takes from an empty stack");
    return this.#stack.splice(from);
  }

  mark(): void {
    if (this.#marks.push(this.#stack.length) > mostStack) throw this.hooks.damaged("nests too deep");
  }

  /** Everything above the last mark. */
  popMark(): PickleValue[] {
    const mark = this.#marks.pop();
    if (mark === undefined) throw this.hooks.damaged("misses a mark");
    return this.#stack.splice(mark);
  }

  /** Adds to the list on top of the stack. */
  append(items: readonly PickleValue[]): void {
    const list = this.#top();
    if (!Array.isArray(list)) throw this.hooks.damaged("appends to something else than a list");
    this.#count(items.length);
    for (const item of items) list.push(item);
  }

  /** Adds keys and values, in turns, to the dictionary on top of the stack. */
  setItems(items: readonly PickleValue[]): void {
    const map = this.#top();
    if (!(map instanceof Map)) throw this.hooks.damaged("sets items of something else than a dictionary");
    if (items.length % 2) throw this.hooks.damaged("sets a key without a value");
    this.#count(items.length);
    for (let i = 0; i < items.length; i += 2) {
      const key = items[i];
      if (typeof key !== "string" && typeof key !== "number") throw this.hooks.damaged("has a key that is no name");
      map.set(key, items[i + 1] as PickleValue);
    }
  }

  /** Takes attributes for a dictionary (`_metadata` of a state dict) and forgets them: they say nothing about tensors. */
  setState(): void {
    this.pop();
    if (!(this.#top() instanceof Map)) throw this.hooks.damaged("sets attributes of something else than a dictionary");
  }

  remember(index: number = this.#memo.size): void {
    this.#count(1);
    this.#memo.set(index, this.#top());
  }

  recall(index: number): void {
    const value = this.#memo.get(index);
    if (value === undefined) throw this.hooks.damaged(`recalls value ${index}, which it never stored`);
    this.push(value);
  }

  #top(): PickleValue {
    const value = this.#stack.at(-1);
    if (value === undefined) throw this.hooks.damaged("takes from an empty stack");
    return value;
  }

  #count(objects: number): void {
    this.#objects += objects;
    if (this.#objects > mostObjects) throw this.hooks.damaged("makes more objects than any model needs");
  }
}
