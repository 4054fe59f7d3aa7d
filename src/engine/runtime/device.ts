import { type Device, devices } from "../../protocol/engine.ts";
import { RomeError } from "../../protocol/errors.ts";
import { backends } from "./onnxruntime.ts";

/** Devices that the installed onnxruntime was built for on this platform; whether one starts shows only a session. */
export function builtDevices(): Device[] {
  const names = backends();
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
