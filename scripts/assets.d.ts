/** Imports that scripts/bundle-plugin.mjs turns into values. */

declare module "*.wgsl" {
  const source: string;
  export default source;
}

/** Where a row of scripts/wasm-builds.mjs lies, compiled. Throws in a bundle that does not know its own address. */
declare module "hone:wasm/*" {
  const address: () => URL;
  export default address;
}

/** The packed rows of scripts/wasm-builds.mjs: what scripts/packed-wasm.mjs makes of them. */
declare module "hone:wasm-packed" {
  const packed: string;
  export default packed;
}

/** A worker's whole program as the text of a classic script. */
declare module "*?worker-text" {
  const code: string;
  export default code;
}
