/** The wasm backend on the calling thread: what `wasm()` runs in its worker. */
import {
  type Backend,
  type Device,
  type DeviceInfo,
  HoneError,
  HostDevice,
  type Probe,
} from "@hone/core/backend";
import { Arena } from "./arena.js";
import { WasmMachine } from "./machine.js";

export const backendName = "wasm";

const info: DeviceInfo = {
  backend: backendName,
  description: "WASM SIMD, 1 thread",
  kind: "wasm",
  numerics: "wasm-simd128",
  threads: 1,
};

/** A module of one function that makes a vector: valid only where SIMD is. */
const simdModule = Uint8Array.of(
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[1, 5, 1, 0x60, 0, 1, 0x7b], // type: () -> v128
  ...[3, 2, 1, 0], // one function of that type
  ...[10, 8, 1, 6, 0, 0x41, 0, 0xfd, 15, 0x0b], // i32.const 0, i8x16.splat, end
);

export function wasmBackend(): Backend {
  return { name: backendName, specVersion: 1, probe: async () => probe(), open };
}

/** Whether this platform runs WebAssembly with 128-bit SIMD. */
export function probe(): Probe {
  if (typeof WebAssembly !== "object") {
    return {
      ok: false,
      reason: "there is no WebAssembly here",
      hint: "Use a browser from 2021 on (Chrome 91, Firefox 89, Safari 16.4) or Node 20, and allow 'wasm-unsafe-eval' in the Content-Security-Policy.",
    };
  }
  if (!WebAssembly.validate(simdModule)) {
    return {
      ok: false,
      reason: "WebAssembly has no SIMD here",
      hint: "Use Chrome 91, Firefox 89, Safari 16.4, Node 20 or later, on a processor with SSE4.1 or NEON.",
    };
  }
  return { ok: true, info };
}

async function open(): Promise<Device> {
  const probed = probe();
  if (!probed.ok) {
    throw new HoneError("BackendUnavailable", backendName, `${probed.reason}. ${probed.hint}`);
  }
  try {
    return new HostDevice(new WasmMachine(info, await Arena.make()));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.replace(/\.$/, "") : String(cause);
    const what = `its kernels could not be started (${reason}). Allow 'wasm-unsafe-eval' where a Content-Security-Policy applies, and leave memory free.`;
    throw new HoneError("BackendUnavailable", backendName, what, { cause });
  }
}
