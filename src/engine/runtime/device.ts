import "./telemetry.ts";
import * as ort from "onnxruntime-node";
import { type Device, devices } from "../../protocol/engine.ts";
import { RomeError } from "../run/errors.ts";

/** What a device needs beyond this program, for the message that it does not start. */
const needs: Record<Device, string> = {
  cpu: "a processor that onnxruntime supports",
  cuda: "an NVIDIA GPU with its driver, CUDA 12, cuDNN 9, and onnxruntime's CUDA library, which npm leaves out here; docs/devices.md says how to add it",
  dml: "Windows and a GPU with DirectX 12",
  coreml: "macOS",
  webgpu: "a GPU with a driver for Vulkan (Linux), DirectX 12 (Windows) or Metal (macOS)",
};

/** Devices that the installed onnxruntime was built for on this platform; whether one starts shows only a session. */
export function builtDevices(): Device[] {
  const names = ort.listSupportedBackends().map(({ name }) => name);
  return devices.filter((device) => names.includes(device));
}

/**
 * The device to compute on: the one asked for, else that of the environment variable ROME_DEVICE, else the processor.
 *
 * @throws RomeError ("input") for one that this onnxruntime was not built for
 */
export function chooseDevice(asked: string = process.env.ROME_DEVICE || "cpu"): Device {
  const built = builtDevices();
  const device = devices.find((known) => known === asked);
  if (device && built.includes(device)) return device;
  const what = device
    ? `onnxruntime has no "${device}" on ${process.platform}-${process.arch}`
    : `There is no device "${asked}"`;
  throw new RomeError("input", `${what}. Choose one of: ${built.join(", ")}.`);
}

/** What onnxruntime is to run on: operations that a GPU lacks fall back to the processor. */
export function providersOf(device: Device): string[] {
  return device === "cpu" ? ["cpu"] : [device, "cpu"];
}

/** Why a session could not be made. */
export function rejectSession(device: Device, cause: Error): never {
  const message =
    device === "cpu"
      ? `onnxruntime could not load the model: ${cause.message}`
      : `The model could not be loaded on "${device}": ${cause.message.trim()} It needs ${needs[device]}. The processor always works: --device cpu, or the setting rome.device.`;
  throw new RomeError("engine", message, { cause });
}
