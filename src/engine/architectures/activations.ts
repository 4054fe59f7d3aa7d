import * as v from "valibot";
import type { Tensor } from "../graph/graph.ts";
import { geluErf, geluTanh, silu } from "../graph/layers.ts";

/** By the names that config.json gives them; three names stand for one formula. */
const activations = {
  gelu: geluErf,
  gelu_new: geluTanh,
  gelu_fast: geluTanh,
  gelu_pytorch_tanh: geluTanh,
  silu,
} satisfies Record<string, (x: Tensor) => Tensor>;
export type Activation = keyof typeof activations;

/** A field of config.json that names one of these activations. */
export function activation<const T extends readonly Activation[]>(...names: T) {
  return v.pipe(
    v.picklist(names),
    v.transform((name) => activations[name]),
  );
}
