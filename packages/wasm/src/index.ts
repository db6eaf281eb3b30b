/** The public names of @hone/wasm. */
export { type WasmOptions, wasm } from "./wasm.js";
