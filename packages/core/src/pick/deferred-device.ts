/**
 * A device that is still opening. Of a remembered choice all is known that a plan needs; so the user's
 * program can be captured and planned while the device opens.
 */
import type { Backend, Device, DeviceLost } from "../backend.js";
import { HoneError } from "../errors.js";
import { type Progressing, progress, progressOf } from "../hosted/progress.js";
import type { Choice } from "./choice-cache.js";

/** @param failed called when the device does not open, or is not the one remembered */
export function deferredDevice(
  backend: Backend,
  choice: Choice,
  failed: () => void,
): Device & Progressing {
  const ending = new AbortController();
  let opened: Device | undefined;
  const opening = open();
  // Whoever asks the device for something is told; nobody else needs to be.
  opening.catch(() => undefined);

  async function open(): Promise<Device> {
    try {
      const device = await backend.open({ signal: ending.signal });
      if (sameArithmetic(device, choice)) {
        opened = device;
        return device;
      }
      await device.close();
      const what = "it is not the device that was chosen before. Call pickFastest again.";
      throw new HoneError("BackendUnavailable", backend.name, what);
    } catch (error) {
      if (!ending.signal.aborted) failed();
      throw error;
    }
  }

  const lost = opening.then(
    (device) => device.lost,
    (error: unknown): DeviceLost => ({ reason: String(error), expected: ending.signal.aborted }),
  );
  const local = async () => {
    const found = await (await opening).local?.();
    if (found) return found;
    throw new HoneError(
      "BackendUnavailable",
      backend.name,
      "it has no local device. Leave `latency` out.",
    );
  };
  return {
    info: choice.info,
    target: choice.target,
    lost,
    load: async (program) => (await opening).load(program),
    upload: async (columns, options) => (await opening).upload(columns, options),
    memory: async () => (await opening).memory(),
    async close() {
      ending.abort();
      const device = await opening.catch(() => undefined);
      await device?.close();
    },
    ...(choice.local ? { local } : {}),
    [progress]: () => (opened ? progressOf(opened) : undefined),
  };
}

function sameArithmetic({ info, target }: Device, choice: Choice): boolean {
  const same = info.numerics === choice.info.numerics && info.threads === choice.info.threads;
  return same && JSON.stringify(target) === JSON.stringify(choice.target);
}
