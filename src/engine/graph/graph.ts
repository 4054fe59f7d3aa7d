import { onnx } from "onnx-proto";
import type { WeightLocation } from "../checkpoint/tensor.ts";
import { type Dimension, type ElementType, elementTypeOf, type Real, Tensor, type WeightLayout } from "./tensor.ts";

type Attribute = number | string | readonly number[] | { readonly float: number };

const dataType: Record<ElementType, onnx.TensorProto.DataType> = {
  float: onnx.TensorProto.DataType.FLOAT,
  double: onnx.TensorProto.DataType.DOUBLE,
  float16: onnx.TensorProto.DataType.FLOAT16,
  bfloat16: onnx.TensorProto.DataType.BFLOAT16,
  int64: onnx.TensorProto.DataType.INT64,
  uint8: onnx.TensorProto.DataType.UINT8,
};

/** A stretch of a file that holds numbers of one type. */
export type Stretch = Pick<WeightLocation, "file" | "offset" | "length">;

/** A linear layer's weight in blocks of 8-bit numbers: [out, blocks, blockSize] of uint8, and a scale a block. */
export interface Blocks {
  readonly values: Stretch;
  readonly scales: Stretch;
}

/** Input components that share a scale. */
export const blockSize = 32;

/** Tells where the blocks of a weight lie that a part uses. */
export type BlockPlan = (weight: WeightLocation, layout: WeightLayout, part: number) => Blocks;

/**
 * How stored weights become numbers to compute with.
 * - `fold`: cast once when the session is made and kept (fastest; costs 4 bytes a weight of memory);
 * - `stream`: cast where they are used and dropped at once (the weights stay mapped from the user's file).
 */
export type WeightPolicy = "fold" | "stream";

/** Where a part begins: in the list of nodes, and in the order of creation. */
interface Cut {
  readonly node: number;
  readonly order: number;
}

/** A stretch of a computation, runnable by itself. */
export interface Part {
  /** An ONNX model. */
  readonly bytes: Uint8Array;
  /** Names of what it takes: inputs of the whole computation, and what earlier parts made. */
  readonly inputs: readonly string[];
  /** Names of what it gives: outputs of the whole computation, and what later parts take. */
  readonly outputs: readonly string[];
  /** Those of the inputs that no later part takes. */
  readonly lastUsed: readonly string[];
  /** Those of the outputs that the whole computation gives. */
  readonly results: readonly string[];
}

/** A computation being traced: operations append nodes; `parts` gives the ONNX models to run one after another. */
export class Graph {
  readonly #nodes: onnx.INodeProto[] = [];
  readonly #inputs: Tensor[] = [];
  readonly #outputs: Tensor[] = [];
  readonly #tensors = new Map<string, Tensor>();
  readonly #initializers = new Map<string, onnx.ITensorProto>();
  readonly #weights = new Map<string, Tensor>();
  readonly #locations = new Map<Tensor, WeightLocation>();
  readonly #cuts: Cut[] = [];
  readonly #constants = new Map<string, Tensor>();
  /** Where each symbolic dimension can be read off at run time. */
  readonly #dimensions = new Map<string, Tensor>();
  #count = 0;

  constructor(
    readonly real: Real = "float",
    readonly policy: WeightPolicy = "fold",
    /** Gives the path of a weight's file relative to the session's weight folder. */
    readonly locate: (file: string) => string = (file) => file,
    /** Most elements of a weight that one cast turns into reals, with the `stream` policy. */
    readonly tileElements = 2 ** 20,
    /** Linear layers take their weights from these blocks; without gradients. */
    readonly planBlocks?: BlockPlan,
  ) {}

  #tensor(name: string, type: ElementType, shape: readonly Dimension[], from: readonly Tensor[] = []): Tensor {
    const tensor = new Tensor(this, name, type, shape, this.#count++, from);
    this.#tensors.set(name, tensor);
    return tensor;
  }

  /** Numbered within its part, so that the same layer is the same part in one graph and in another. */
  #newName(what: string): string {
    return `${what}_${this.#cuts.length}_${this.#count - (this.#cuts.at(-1)?.order ?? 0)}`;
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
    const name = `${location.name}@${location.offset}+${location.length}`;
    const known = this.#weights.get(name);
    if (known) return known;
    const tensor = this.#external(name, elementTypeOf[location.type], location.shape, location);
    this.#weights.set(name, tensor);
    this.#locations.set(tensor, location);
    return tensor;
  }

  #external(name: string, type: ElementType, shape: readonly number[], { file, offset, length }: Stretch): Tensor {
    const entry = (key: string, value: string | number) => ({ key, value: String(value) });
    this.#initializers.set(name, {
      name,
      dataType: dataType[type],
      dims: [...shape],
      dataLocation: onnx.TensorProto.DataLocation.EXTERNAL,
      externalData: [entry("location", this.locate(file)), entry("offset", offset), entry("length", length)],
    });
    return this.#tensor(name, type, shape);
  }

  /** A linear layer's weight as blocks [out, blocks, blockSize] and their scales [out · blocks]; where it has them. */
  blocksOf(weight: Tensor, layout: WeightLayout): { values: Tensor; scales: Tensor } | undefined {
    const location = this.#locations.get(weight);
    if (!this.planBlocks || !location) return undefined;
    const [out, inner] = (layout === "outIn" ? location.shape : location.shape.toReversed()) as [number, number];
    const count = Math.ceil(inner / blockSize);
    const { values, scales } = this.planBlocks(location, layout, this.#cuts.length);
    return {
      values: this.#external(`${weight.name} values`, "uint8", [out, count, blockSize], values),
      scales: this.#external(`${weight.name} scales`, "float", [out * count], scales),
    };
  }

  /** Rows `from` … `from + count` − 1 of a weight, as a weight of their own over the same file. */
  rowsOf(weight: Tensor, from: number, count: number): Tensor {
    const [rows, ...rest] = weight.shape as [number, ...number[]];
    if (count === rows) return weight;
    const location = this.#locations.get(weight) as WeightLocation;
    const row = location.length / rows;
    const offset = location.offset + from * row;
    return this.weight({ ...location, shape: [count, ...rest], offset, length: count * row });
  }

  /** A constant written into the model. Equal constants share one initializer. */
  constant(values: ArrayLike<number>, shape: readonly number[], type: ElementType = this.real): Tensor {
    const key = `${type}[${shape}]${Array.from(values)}`;
    const known = this.#constants.get(key);
    if (known) return known;
    const tensor = this.#tensor(this.#newName("constant"), type, shape);
    const array =
      type === "int64"
        ? BigInt64Array.from(Array.from(values, BigInt))
        : type === "double"
          ? Float64Array.from(values)
          : Float32Array.from(values);
    this.#initializers.set(tensor.name, {
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

  /**
   * Appends one ONNX node with one output. Operations call this; they declare what `gradient` needs.
   *
   * @param operator its name; "domain::name" where it is not ONNX's own
   */
  emit(
    operator: string,
    inputs: readonly Tensor[],
    shape: readonly Dimension[],
    type: ElementType = inputs[0]?.type ?? this.real,
    attributes: Record<string, Attribute> = {},
    name = this.#newName(operator),
  ): Tensor {
    const output = this.#tensor(name, type, shape, inputs);
    const [opType, domain = ""] = operator.split("::").reverse();
    this.#nodes.push({
      opType,
      domain,
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

  /** Ends a part: with the `stream` policy, what is emitted from here on becomes a model of its own. */
  cut(): void {
    if (this.policy === "stream" && this.#nodes.length > (this.#cuts.at(-1)?.node ?? 0))
      this.#cuts.push({ node: this.#nodes.length, order: this.#count });
  }

  /** Orders of creation at which the parts so far begin. */
  get cuts(): number[] {
    return this.#cuts.map(({ order }) => order);
  }

  /**
   * The computation as ONNX models (IR version 8, operator set 18) to be run one after another, one from cut to cut:
   * between them a run can be stopped, and only what later parts need stays in memory.
   */
  parts(): Part[] {
    const bounds = [0, ...this.#cuts.map(({ node }) => node), this.#nodes.length];
    const slices = bounds.slice(1).map((end, i) => this.#nodes.slice(bounds[i], end));
    const lastUse = new Map<string, number>();
    for (const [i, nodes] of slices.entries())
      for (const { input } of nodes) for (const name of input ?? []) lastUse.set(name, i);
    const results = new Set(this.#outputs.map(({ name }) => name));
    return slices.map((nodes, i) => {
      const made = new Set(nodes.flatMap(({ output }) => output ?? []));
      const used = new Set(nodes.flatMap(({ input }) => input ?? []));
      const inputs = [...used].filter((name) => !made.has(name) && !this.#initializers.has(name));
      const outputs = [...made].filter((name) => results.has(name) || (lastUse.get(name) ?? i) > i);
      const lastUsed = inputs.filter((name) => lastUse.get(name) === i);
      return {
        bytes: this.#model(nodes, inputs, outputs),
        inputs,
        outputs,
        lastUsed,
        results: outputs.filter((name) => results.has(name)),
      };
    });
  }

  #model(nodes: onnx.INodeProto[], inputs: readonly string[], outputs: readonly string[]): Uint8Array {
    const used = new Set(nodes.flatMap(({ input }) => input ?? []));
    return onnx.ModelProto.encode({
      irVersion: 8,
      opsetImport: [
        { domain: "", version: 18 },
        { domain: "com.microsoft", version: 1 },
      ],
      graph: {
        name: "rome",
        node: nodes,
        input: this.#infos(inputs),
        output: this.#infos(outputs),
        initializer: [...used].flatMap((name) => this.#initializers.get(name) ?? []),
      },
    }).finish();
  }

  #infos(names: readonly string[]): onnx.IValueInfoProto[] {
    return names.map((name) => {
      const { type, shape } = this.#tensors.get(name) as Tensor;
      const dim = shape.map((size) => (typeof size === "number" ? { dimValue: size } : { dimParam: size }));
      return { name, type: { tensorType: { elemType: dataType[type], shape: { dim } } } };
    });
  }
}

function attribute(name: string, value: Attribute): onnx.IAttributeProto {
  const { AttributeType } = onnx.AttributeProto;
  if (typeof value === "number") return { name, type: AttributeType.INT, i: value };
  if (typeof value === "string") return { name, type: AttributeType.STRING, s: new TextEncoder().encode(value) };
  if ("float" in value) return { name, type: AttributeType.FLOAT, f: value.float };
  return { name, type: AttributeType.INTS, ints: [...value] };
}
