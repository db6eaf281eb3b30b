/** Imports that scripts/bundle-plugin.mjs turns into values. */

declare module "*.wgsl" {
  const source: string;
  export default source;
}

/** A row of scripts/wasm-builds.mjs, compiled. */
declare module "hone:wasm/*" {
  const bytes: Uint8Array<ArrayBuffer>;
  export default bytes;
}

/** A worker's whole program as the text of a classic script. */
declare module "*?worker-text" {
  const code: string;
  export default code;
}
