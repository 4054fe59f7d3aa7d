import { type PickleHooks, PickleMachine, type PickleValue } from "./pickleMachine.ts";

/** The instructions that torch.save uses for tensors, by their codes and under the names of Python's `pickletools`. */
const instructions: Readonly<Record<number, (machine: PickleMachine) => void>> = {
  /* PROTO */ 128: (m) => {
    if (m.uint(1) > 5) throw m.hooks.damaged("has a protocol newer than 5");
  },
  /* FRAME */ 149: (m) => void m.take(8),
  /* MARK */ 40: (m) => m.mark(),
  /* POP */ 48: (m) => void m.pop(),
  /* POP_MARK */ 49: (m) => void m.popMark(),

  /* NONE */ 78: (m) => m.push(null),
  /* NEWTRUE */ 136: (m) => m.push(true),
  /* NEWFALSE */ 137: (m) => m.push(false),
  /* BININT1 */ 75: (m) => m.push(m.uint(1)),
  /* BININT2 */ 77: (m) => m.push(m.uint(2)),
  /* BININT */ 74: (m) => m.push(m.take(4).readInt32LE()),
  /* LONG1 */ 138: (m) => m.push(m.long(m.uint(1))),
  /* BINFLOAT */ 71: (m) => m.push(m.take(8).readDoubleBE()),
  /* SHORT_BINUNICODE */ 140: (m) => m.push(m.take(m.uint(1)).toString("utf8")),
  /* BINUNICODE */ 88: (m) => m.push(m.take(m.uint(4)).toString("utf8")),
  /* BINUNICODE8 */ 141: (m) => m.push(m.take(Number(m.take(8).readBigUInt64LE())).toString("utf8")),

  /* EMPTY_TUPLE */ 41: (m) => m.make([]),
  /* TUPLE1 */ 133: (m) => m.make(m.popMany(1)),
  /* TUPLE2 */ 134: (m) => m.make(m.popMany(2)),
  /* TUPLE3 */ 135: (m) => m.make(m.popMany(3)),
  /* TUPLE */ 116: (m) => m.make(m.popMark()),
  /* EMPTY_LIST */ 93: (m) => m.make([]),
  /* APPEND */ 97: (m) => m.append([m.pop()]),
  /* APPENDS */ 101: (m) => m.append(m.popMark()),
  /* EMPTY_DICT */ 125: (m) => m.make(new Map()),
  /* SETITEM */ 115: (m) => m.setItems(m.popMany(2)),
  /* SETITEMS */ 117: (m) => m.setItems(m.popMark()),
  /* BUILD */ 98: (m) => m.setState(),

  /* BINPUT */ 113: (m) => m.remember(m.uint(1)),
  /* LONG_BINPUT */ 114: (m) => m.remember(m.uint(4)),
  /* MEMOIZE */ 148: (m) => m.remember(),
  /* BINGET */ 104: (m) => m.recall(m.uint(1)),
  /* LONG_BINGET */ 106: (m) => m.recall(m.uint(4)),

  /* GLOBAL */ 99: (m) => m.push(m.hooks.global(`${m.line()}.${m.line()}`)),
  /* STACK_GLOBAL */ 147: (m) => {
    const [module, name] = m.popMany(2);
    if (typeof module !== "string" || typeof name !== "string") throw m.hooks.damaged("names no module");
    m.push(m.hooks.global(`${module}.${name}`));
  },
  /* INST, a call in the form of protocol 0: refused, and by its name where that is not allowed anyway */
  105: (m) => {
    m.hooks.global(`${m.line()}.${m.line()}`);
    throw m.hooks.damaged("makes an object in a way that torch.save does not");
  },
  /* REDUCE */ 82: (m) => {
    const [callee = null, args = null] = m.popMany(2);
    m.make(m.hooks.call(callee, args));
  },
  /* BINPERSID */ 81: (m) => m.make(m.hooks.persistent(m.pop())),
};

const stop = 46;

/**
 * Runs a pickle (protocols 2 to 5) far enough to rebuild plain data; whatever else it asks for goes through `hooks`
 * or is refused. Time and memory are bounded by the pickle's length and the machine's limits, since no instruction
 * can repeat or copy. The data may refer to themselves: do not walk them without a bound.
 */
export function unpickle(bytes: Buffer, hooks: PickleHooks): PickleValue {
  const machine = new PickleMachine(bytes, hooks);
  for (;;) {
    const code = machine.uint(1);
    if (code === stop) return machine.pop();
    const instruction = instructions[code];
    if (!instruction) throw hooks.damaged(`has the instruction ${code}, which torch.save does not use for tensors`);
    instruction(machine);
  }
}
