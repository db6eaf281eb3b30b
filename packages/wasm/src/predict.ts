/** The public names of @hone/wasm/predict: those of @hone/wasm, with the kernels that predicting needs and no others. */
import plain from "hone:wasm/plain-predict";
import relaxed from "hone:wasm/relaxed-predict";
import type { Backend } from "@hone/core/hosted";
import { sourceOf, type WasmOptions } from "./file-options.js";
import code from "./predict-worker.ts?worker-text";
import { type Edition, wasmFrom } from "./wasm.js";

export type { WasmOptions };

const edition: Edition = {
  onlyPredicts: true,
  code,
  lowerings: async () => (await import("./kernels/predict.js")).predictLowerings,
};

/**
 * SIMD kernels in WebAssembly, as `wasm` of @hone/wasm, for pages that only predict: a third less to load. Training and
 * evaluation are refused as ops that the device lacks.
 * @throws BadArgument when `threads` is not a whole number from 1 to 64, or `workerUrl` or `kernelsUrl` no address
 */
export function wasm(options: WasmOptions = {}): Backend {
  const { source, rest } = sourceOf({ suffix: "-predict", plain, relaxed }, options);
  return wasmFrom(source, edition, rest);
}
