import type { EditData } from "../../protocol/edit.ts";
import type { KeyVariant, Place } from "../../protocol/editEntry.ts";
import { RomeError } from "../../protocol/errors.ts";
import { dot, norm } from "../numerics/vectors.ts";
import type { Covariance } from "./covariance.ts";

/** W′ = W + r uᵀ, kept apart from W: y += r (uᵀk). */
export interface Edit {
  readonly layer: number;
  /** [m], length 1. */
  readonly u: Float32Array;
  /** [d] */
  readonly r: Float32Array;
  /** kᵀu: the smaller, the larger r, and what the edit does to everything else. */
  readonly denominator: number;
}

/** The vectors an edit is made from; see `Solved`. */
export interface EditInputs {
  readonly layer: number;
  readonly meanKey: Float32Array;
  readonly bareKey: Float32Array;
  readonly bareValue: Float32Array;
  readonly value: Float32Array;
  readonly delta: Float32Array;
}

/** r = (v + δ − v_cur)/(kᵀu) with u ∝ C⁻¹k, or ∝ k without a covariance (Meng et al. 2022, eq. 2). */
export function makeEdit(inputs: EditInputs, variant: KeyVariant, covariance: Covariance | undefined): Edit {
  const { layer, meanKey, bareKey, bareValue, value, delta } = inputs;
  const forDirection = variant === "p-rome" ? bareKey : meanKey;
  const forDenominator = variant === "r-rome" ? meanKey : bareKey;
  const direction = covariance ? covariance.whiten(forDirection) : Float64Array.from(forDirection);
  const length = norm(direction);
  const u = direction.map((component) => component / length);
  const denominator = dot(forDenominator, u);
  if (!Number.isFinite(1 / denominator))
    throw new RomeError(
      "input",
      "The subject's key is orthogonal to the edit's direction: this edit cannot be written.",
    );
  const r = Float32Array.from(
    delta,
    (component, i) => ((value[i] as number) + component - (bareValue[i] as number)) / denominator,
  );
  return { layer, u: Float32Array.from(u), r, denominator };
}

/** What running an edit takes, or a vector that is added, or an erasure: y += (uᵀx + constant) r at a layer. */
export interface LiveEdit extends Pick<Edit, "layer" | "r"> {
  /** As long as x; empty where nothing is read. */
  readonly u: Float32Array;
  /** What x is; the key by default. */
  readonly reads?: "output";
  /** 0 by default. */
  readonly constant?: number;
  /** All tokens by default. */
  readonly at?: Place;
}

/** Little-endian float32 as base64. */
export function encodeVector(x: Float32Array): string {
  return Buffer.from(x.buffer, x.byteOffset, x.byteLength).toString("base64");
}

/** The vector of this length, if one is given; `input` error for any other, and for numbers that are not finite. */
export function decodeVector(text: string, length?: number): Float32Array {
  const bytes = Uint8Array.from(Buffer.from(text, "base64"));
  const values = bytes.byteLength === 4 * (length ?? bytes.byteLength / 4) ? new Float32Array(bytes.buffer) : undefined;
  if (!values?.every(Number.isFinite))
    throw new RomeError("input", "This edit was made for another model, or is damaged.");
  return values;
}

export function encodeEdit({ layer, u, r, ...rest }: LiveEdit): EditData {
  const { reads, constant, at } = rest;
  return {
    layer,
    u: encodeVector(u),
    r: encodeVector(r),
    ...(reads && { reads }),
    ...(constant !== undefined && { constant }),
    ...(at && { at }),
  };
}

/** @param sizes lengths the model wants; any other length is refused */
export function decodeEdit(data: EditData, sizes: { inner: number; width: number; layers: number }): LiveEdit {
  const { layer, u, r, ...rest } = data;
  if (!(layer >= 0 && layer < sizes.layers))
    throw new RomeError("input", `This edit is for layer ${layer}, which the model does not have.`);
  const length = u === "" ? 0 : rest.reads === "output" ? sizes.width : sizes.inner;
  return { layer, u: decodeVector(u, length), r: decodeVector(r, sizes.width), ...rest };
}
