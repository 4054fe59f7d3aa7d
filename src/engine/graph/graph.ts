import { onnx } from "onnx-proto";
import type { WeightLocation } from "../checkpoint/tensor.ts";
import { type Dimension, type ElementType, elementTypeOf, type Real, Tensor } from "./tensor.ts";

type Attribute = number | string | readonly number[] | { readonly float: number };

const dataType: Record<ElementType, onnx.TensorProto.DataType> = {
  float: onnx.TensorProto.DataType.FLOAT,
  double: onnx.TensorProto.DataType.DOUBLE,
  float16: onnx.TensorProto.DataType.FLOAT16,
  bfloat16: onnx.TensorProto.DataType.BFLOAT16,
  int64: onnx.TensorProto.DataType.INT64,
};

/**
 * How stored weights become numbers to compute with.
 * - `fold`: cast once when the session is made and kept (fastest; costs 4 bytes a weight of memory);
 * - `stream`: cast where they are used and dropped at once (the weights stay mapped from the user's file).
 */
export type WeightPolicy = "fold" | "stream";

/** A computation being traced: operations append nodes; `toBytes` gives the ONNX model. */
export class Graph {
  readonly #nodes: onnx.INodeProto[] = [];
  readonly #inputs: Tensor[] = [];
  readonly #outputs: Tensor[] = [];
  readonly #initializers: onnx.ITensorProto[] = [];
  readonly #weights = new Map<string, Tensor>();
  readonly #constants = new Map<string, Tensor>();
  /** Where each symbolic dimension can be read off at run time. */
  readonly #dimensions = new Map<string, Tensor>();
  #count = 0;

  constructor(
    readonly real: Real = "float",
    readonly policy: WeightPolicy = "fold",
    /** Gives the path of a weight's file relative to the session's weight folder. */
    readonly locate: (file: string) => string = (file) => file,
  ) {}

  #tensor(name: string, type: ElementType, shape: readonly Dimension[]): Tensor {
    return new Tensor(this, name, type, shape, this.#count++);
  }

  /** A value given at each run. */
  input(name: string, shape: readonly Dimension[], type: ElementType = this.real): Tensor {
    const tensor = this.#tensor(name, type, shape);
    this.#inputs.push(tensor);
    return tensor;
  }

  /** A value a run returns, under `name`. */
  output(name: string, tensor: Tensor): void {
    const named = this.emit("Identity", [tensor], tensor.shape, tensor.type, {}, name);
    this.#outputs.push(named);
  }

  /** A weight that stays in the checkpoint's file: only its place is written into the model. */
  weight(location: WeightLocation): Tensor {
    const name = `${location.name}@${location.offset}`;
    const known = this.#weights.get(name);
    if (known) return known;
    const type = elementTypeOf[location.type];
    const tensor = this.#tensor(name, type, location.shape);
    const entry = (key: string, value: string | number) => ({ key, value: String(value) });
    this.#initializers.push({
      name,
      dataType: dataType[type],
      dims: [...location.shape],
      dataLocation: onnx.TensorProto.DataLocation.EXTERNAL,
      externalData: [
        entry("location", this.locate(location.file)),
        entry("offset", location.offset),
        entry("length", location.length),
      ],
    });
    this.#weights.set(name, tensor);
    return tensor;
  }

  /** A constant written into the model. Equal constants share one initializer. */
  constant(values: ArrayLike<number>, shape: readonly number[], type: ElementType = this.real): Tensor {
    const key = `${type}[${shape}]${values.length > 64 ? `#${this.#count}` : Array.from(values)}`;
    const known = this.#constants.get(key);
    if (known) return known;
    const tensor = this.#tensor(`constant_${this.#count}`, type, shape);
    const array =
      type === "int64"
        ? BigInt64Array.from(Array.from(values, BigInt))
        : type === "double"
          ? Float64Array.from(values)
          : Float32Array.from(values);
    this.#initializers.push({
      name: tensor.name,
      dataType: dataType[type],
      dims: [...shape],
      rawData: new Uint8Array(array.buffer),
    });
    this.#constants.set(key, tensor);
    return tensor;
  }

  scalar(value: number): Tensor {
    return this.constant([value], []);
  }

  integers(values: readonly number[]): Tensor {
    return this.constant(values, [values.length], "int64");
  }

  /** Appends one ONNX node with one output. Operations call this; they add the pullbacks. */
  emit(
    operator: string,
    inputs: readonly Tensor[],
    shape: readonly Dimension[],
    type: ElementType = inputs[0]?.type ?? this.real,
    attributes: Record<string, Attribute> = {},
    name = `${operator}_${this.#count}`,
  ): Tensor {
    const output = this.#tensor(name, type, shape);
    this.#nodes.push({
      opType: operator,
      name,
      input: inputs.map((tensor) => tensor.name),
      output: [output.name],
      attribute: Object.entries(attributes).map(([key, value]) => attribute(key, value)),
    });
    return output;
  }

  /** A shape as a value [rank]: sizes only known at run time are read off an input that has them. */
  shapeOf(shape: readonly Dimension[]): Tensor {
    if (shape.every((size) => typeof size === "number")) return this.integers(shape as number[]);
    const sizes = shape.map((size) => (typeof size === "number" ? this.integers([size]) : this.#dimension(size)));
    return this.emit("Concat", sizes, [shape.length], "int64", { axis: 0 });
  }

  /** Whether a symbolic dimension can be read off an input. */
  knows(symbol: string): boolean {
    return this.#inputs.some((input) => input.shape.includes(symbol));
  }

  #dimension(symbol: string): Tensor {
    const known = this.#dimensions.get(symbol);
    if (known) return known;
    const source = this.#inputs.find((input) => input.shape.includes(symbol));
    if (!source) throw new Error(`no input has the dimension ${symbol}`);
    const axis = source.shape.indexOf(symbol);
    const size = this.emit("Shape", [source], [1], "int64", { start: axis, end: axis + 1 });
    this.#dimensions.set(symbol, size);
    return size;
  }

  /** A data type's number in ONNX, as the Cast operator wants it. */
  static typeNumber(type: ElementType): number {
    return dataType[type];
  }

  /** The ONNX model: IR version 8, operator set 18. */
  toBytes(): Uint8Array {
    const values = (tensors: readonly Tensor[]) =>
      tensors.map(({ name, type, shape }) => ({
        name,
        type: {
          tensorType: {
            elemType: dataType[type],
            shape: { dim: shape.map((size) => (typeof size === "number" ? { dimValue: size } : { dimParam: size })) },
          },
        },
      }));
    return onnx.ModelProto.encode({
      irVersion: 8,
      opsetImport: [{ domain: "", version: 18 }],
      graph: {
        name: "rome",
        node: this.#nodes,
        input: values(this.#inputs),
        output: values(this.#outputs),
        initializer: this.#initializers,
      },
    }).finish();
  }
}

function attribute(name: string, value: Attribute): onnx.IAttributeProto {
  const { AttributeType } = onnx.AttributeProto;
  if (typeof value === "number") return { name, type: AttributeType.INT, i: value };
  if (typeof value === "string") return { name, type: AttributeType.STRING, s: new TextEncoder().encode(value) };
  if ("float" in value) return { name, type: AttributeType.FLOAT, f: value.float };
  return { name, type: AttributeType.INTS, ints: [...value] };
}
