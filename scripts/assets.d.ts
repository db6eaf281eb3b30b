/** Imports that scripts/bundle-plugin.mjs turns into values. */

declare module "*.wgsl" {
  const source: string;
  export default source;
}

/** Where each row of scripts/wasm-builds.mjs lies, compiled. Throws in a bundle that does not know its own address. */
declare module "hone:wasm" {
  const addresses: Readonly<Record<string, () => URL>>;
  export default addresses;
}

/**
 * All rows of scripts/wasm-builds.mjs: what scripts/packed-wasm.mjs makes of them, and the families that lie one behind
 * another in it, with the lengths of their plain and relaxed code.
 */
declare module "hone:wasm-packed" {
  export const lengths: readonly (readonly [family: string, plain: number, relaxed: number])[];
  const packed: string;
  export default packed;
}

/** A worker's whole program as the text of a classic script. */
declare module "*?worker-text" {
  const code: string;
  export default code;
}
