/** The devices that every example trains on. */
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

export const openDevices = (): Promise<Device[]> =>
  Promise.all(DEVICE_NAMES.map((name) => OPEN[name]()));
