import { RomeError } from "../../protocol/errors.ts";
import { type PickleHooks, PickleObject, type PickleValue } from "./pickleMachine.ts";
import { type SourceFile, shorten } from "./sourceFile.ts";
import { unpickle } from "./unpickle.ts";

/** Names of torch's storage classes → element types in the safetensors spelling. */
const storageTypes: Readonly<Record<string, string>> = {
  "torch.FloatStorage": "F32",
  "torch.HalfStorage": "F16",
  "torch.BFloat16Storage": "BF16",
  "torch.DoubleStorage": "F64",
  "torch.LongStorage": "I64",
  "torch.IntStorage": "I32",
  "torch.ShortStorage": "I16",
  "torch.CharStorage": "I8",
  "torch.ByteStorage": "U8",
  "torch.BoolStorage": "BOOL",
  "torch.ComplexFloatStorage": "C64",
  "torch.ComplexDoubleStorage": "C128",
};

const orderedDict = "collections.OrderedDict";
const rebuildTensor = "torch._utils._rebuild_tensor_v2";
const rebuildParameter = "torch._utils._rebuild_parameter";
const dtypes = "float32 float64 float16 bfloat16 uint8 int8 int16 int32 int64 bool complex64 complex128";
const allowed = new Set([
  orderedDict,
  rebuildTensor,
  rebuildParameter,
  ...Object.keys(storageTypes),
  ...dtypes.split(" ").map((name) => `torch.${name}`),
]);

class Name extends PickleObject {
  constructor(readonly name: string) {
    super();
  }
}

class Storage extends PickleObject {
  constructor(
    readonly type: string,
    /** Its entry in the zip file: `data/<key>`. */
    readonly key: string,
    readonly elements: number,
  ) {
    super();
  }
}

/** A view of a storage, in elements. */
export class PickledTensor extends PickleObject {
  constructor(
    readonly storage: Storage,
    readonly start: number,
    readonly shape: readonly number[],
    readonly strides: readonly number[],
  ) {
    super();
  }
}

/**
 * The tensors of a state dict that torch.save pickled, by name; entries that are no tensors are left out.
 * Python names other than those which rebuild tensors are refused by name, so nothing in the file ever runs.
 */
export function readStateDict(pickle: Buffer, file: SourceFile): Map<string, PickledTensor> {
  const value = unpickle(pickle, torchHooks(file));
  const tensors = new Map<string, PickledTensor>();
  if (value instanceof Map) {
    for (const [name, entry] of value) if (entry instanceof PickledTensor) tensors.set(String(name), entry);
  }
  if (tensors.size > 0) return tensors;
  throw new RomeError(
    "checkpoint",
    `${file.path} holds no weights by name at its top level. Save the model's state dict itself: torch.save(model.state_dict(), file).`,
  );
}

function torchHooks(file: SourceFile): PickleHooks {
  const damaged = (what: string) => file.damaged(`its pickle ${what}`);
  return {
    damaged,
    global(name) {
      if (allowed.has(name)) return new Name(name);
      throw new RomeError(
        "checkpoint",
        `${file.path} asks for the Python object "${shorten(name)}", which is more than weights need, so it is not loaded. ` +
          "If you trust its source, convert it to safetensors with PyTorch; otherwise delete it.",
      );
    },
    call(callee, args) {
      const name = callee instanceof Name ? callee.name : undefined;
      if (!Array.isArray(args)) throw damaged("calls something without arguments");
      if (name === orderedDict && args.length === 0) return new Map();
      if (name === rebuildParameter && args[0] instanceof PickledTensor) return args[0];
      if (name === rebuildTensor) return tensor(args, damaged);
      throw damaged(`calls ${name ?? "what is no function"} in a way that torch.save does not`);
    },
    persistent(id) {
      const [kind, type, key, , elements] = Array.isArray(id) ? id : [];
      const elementType = type instanceof Name ? storageTypes[type.name] : undefined;
      if (kind === "storage" && elementType && typeof key === "string" && isSize(elements)) {
        return new Storage(elementType, key, elements);
      }
      throw damaged("refers to something else than a tensor's storage");
    },
  };
}

/** (storage, offset, size, stride, requires_grad, backward hooks[, metadata]) */
function tensor(args: readonly PickleValue[], damaged: PickleHooks["damaged"]): PickledTensor {
  const [storage, start, shape, strides, , , metadata] = args;
  if (!(storage instanceof Storage) || !isSize(start) || !isSizes(shape) || !isSizes(strides)) {
    throw damaged("rebuilds a tensor from something else than a storage, an offset, a size and strides");
  }
  if (shape.length !== strides.length) throw damaged("has a tensor of impossible shape");
  if (metadata instanceof Map && metadata.size > 0) throw damaged("has a conjugated or negated tensor");
  return new PickledTensor(storage, start, shape, strides);
}

function isSize(value: PickleValue | undefined): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isSizes(value: PickleValue | undefined): value is number[] {
  return Array.isArray(value) && value.length <= 16 && value.every(isSize);
}
