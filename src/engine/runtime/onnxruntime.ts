/** All that this program has of onnxruntime: its sessions are made here, and nothing else imports it. */
import "./telemetry.ts";
import * as ort from "onnxruntime-node";
import type { Device } from "../../protocol/engine.ts";
import { RomeError } from "../../protocol/errors.ts";

export type RuntimeSession = ort.InferenceSession;
export type RuntimeTensor = ort.Tensor;

/** What a device needs beyond this program, for the message that it does not start. */
const needs: Record<Device, string> = {
  cpu: "a processor that onnxruntime supports",
  cuda: "an NVIDIA GPU with its driver, CUDA, cuDNN 9, and onnxruntime's CUDA library, which npm leaves out here; docs/devices.md says how to add it",
  dml: "Windows and a GPU with DirectX 12",
  coreml: "macOS",
  webgpu: "a GPU with a driver for Vulkan (Linux), DirectX 12 (Windows) or Metal (macOS)",
};

/** Of what the numbers may depend on. */
export function runtimeVersions(): { onnxruntime: string; node: string } {
  return { onnxruntime: ort.env.versions.node ?? ort.env.versions.common, node: process.versions.node };
}

/** Names of what the installed onnxruntime can run on. */
export function backends(): string[] {
  return ort.listSupportedBackends().map(({ name }) => name);
}

/** Numbers as a session takes them, not copied. */
export function tensorOf(data: Float32Array | Float64Array | BigInt64Array, shape: readonly number[]): RuntimeTensor {
  if (data instanceof Float32Array) return new ort.Tensor("float32", data, shape);
  return data instanceof Float64Array ? new ort.Tensor("float64", data, shape) : new ort.Tensor("int64", data, shape);
}

export interface RuntimeOptions {
  readonly device: Device;
  /** Left out: all cores. */
  readonly threads?: number | undefined;
  /** What else the session is told. */
  readonly more?: Omit<
    ort.InferenceSession.SessionOptions,
    "executionProviders" | "intraOpNumThreads" | "logSeverityLevel"
  >;
}

/**
 * @param model an ONNX model's bytes
 * @throws RomeError ("engine") where onnxruntime refuses it
 */
export async function makeSession(
  model: Uint8Array,
  { device, threads = 0, more }: RuntimeOptions,
): Promise<RuntimeSession> {
  // Else cuBLAS rounds the factors of float products to TF32's 10 bits: the parity tests fail by it (docs/devices.md).
  if (device === "cuda") process.env.NVIDIA_TF32_OVERRIDE ??= "0";
  try {
    return await ort.InferenceSession.create(model, {
      executionProviders: providersOf(device),
      intraOpNumThreads: threads,
      logSeverityLevel: 3,
      ...more,
    });
  } catch (error) {
    rejectSession(device, error as Error);
  }
}

/** What onnxruntime is to run on: operations that a GPU lacks fall back to the processor. */
function providersOf(device: Device): string[] {
  return device === "cpu" ? ["cpu"] : [device, "cpu"];
}

/** Why a session could not be made. */
function rejectSession(device: Device, cause: Error): never {
  const message =
    device === "cpu"
      ? `onnxruntime could not load the model: ${cause.message}`
      : `The model could not be loaded on "${device}": ${cause.message.trim()} It needs ${needs[device]}. The processor always works: --device cpu, or the setting rome.device.`;
  throw new RomeError("engine", message, { cause });
}
