import type { onnx } from "onnx-proto";
import type { WeightLocation } from "../checkpoint/tensor.ts";
import { type Attribute, attribute, dataType } from "./onnxTypes.ts";
import { type Part, partsOf } from "./parts.ts";
import { type Dimension, type ElementType, elementTypeOf, type Real } from "./types.ts";
import { external, type WeightPolicy } from "./weights.ts";

/** Gives the part of ∂loss/∂input that flows through one use of the input, from `g` = ∂loss/∂output. */
export type Pullback = (g: Tensor) => Tensor;

/** A value in a traced graph: no numbers, only where they will be. */
export class Tensor {
  /** How the value depends on differentiable inputs: what `gradient` walks back along. Undefined until declared. */
  parents?: readonly { readonly input: Tensor; readonly pullback: Pullback }[];
  /** Where the checkpoint has it, if it is a weight. */
  stored?: WeightLocation;

  constructor(
    readonly graph: Graph,
    readonly name: string,
    readonly type: ElementType,
    readonly shape: readonly Dimension[],
    /** Position in the order of creation: inputs of a value always come before it. */
    readonly order: number,
    /** Inputs of the node that gives it. */
    readonly from: readonly Tensor[],
  ) {}

  get rank(): number {
    return this.shape.length;
  }
}

/** Where a part begins: in the list of nodes, and in the order of creation. */
interface Cut {
  readonly node: number;
  readonly order: number;
}

/** A computation being traced: operations append nodes; `parts` gives the ONNX models to run one after another. */
export class Graph {
  readonly #nodes: onnx.INodeProto[] = [];
  readonly #inputs: Tensor[] = [];
  readonly #outputs: Tensor[] = [];
  readonly #tensors = new Map<string, Tensor>();
  readonly #initializers = new Map<string, onnx.ITensorProto>();
  readonly #weights = new Map<string, Tensor>();
  /** Where the weights are that each run is given as reals, by the names of those inputs. */
  readonly held = new Map<string, WeightLocation>();
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
    const type = elementTypeOf[location.type];
    this.#initializers.set(name, external(name, type, this.locate(location.file), location));
    const tensor = this.#tensor(name, type, location.shape);
    tensor.stored = location;
    this.#weights.set(name, tensor);
    return tensor;
  }

  /** A weight as reals, given at each run; see `held`. */
  hold({ name: stored, shape }: Tensor, location: WeightLocation): Tensor {
    const name = `held ${stored}`;
    this.held.set(name, location);
    return this.#tensors.get(name) ?? this.input(name, shape);
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

  /** Ends a part: with the `stream` policy, what is emitted from here on becomes a model of its own. */
  cut(): void {
    if (this.policy === "stream" && this.#nodes.length > (this.#cuts.at(-1)?.node ?? 0))
      this.#cuts.push({ node: this.#nodes.length, order: this.#count });
  }

  /** Orders of creation at which the parts so far begin. */
  get cuts(): number[] {
    return this.#cuts.map(({ order }) => order);
  }

  /** The computation as ONNX models to be run one after another, one from cut to cut. */
  parts(): Part[] {
    return partsOf({
      nodes: this.#nodes,
      cuts: this.#cuts.map(({ node }) => node),
      results: new Set(this.#outputs.map(({ name }) => name)),
      initializers: this.#initializers,
      tensors: this.#tensors,
    });
  }
}
