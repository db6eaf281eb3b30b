/** The devices that examples train on. */
import type { Device } from "@hone/core";
import { cpu } from "@hone/cpu";
import { wasm } from "@hone/wasm";
import { webgpu } from "@hone/webgpu";

export type DeviceName = "cpu" | "wasm" | "webgpu";

const OPEN: Readonly<Record<DeviceName, () => Promise<Device>>> = {
  cpu: () => cpu({ worker: false }).open(),
  wasm: () => wasm({ threads: 1 }).open(),
  webgpu: () => webgpu().open(),
};

export const DEVICE_NAMES = Object.keys(OPEN) as readonly DeviceName[];

/** The long form of the tests trains on all; without a GPU each kernel takes a third of a second to get ready. */
export const openDevices = (
  names: readonly DeviceName[] = process.env.HONE_SOAK === "1" ? DEVICE_NAMES : ["wasm"],
): Promise<Device[]> => Promise.all(names.map((name) => OPEN[name]()));
