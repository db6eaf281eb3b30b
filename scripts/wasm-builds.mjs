/**
 * What AssemblyScript compiles: one row per `hone:wasm/<name>` import.
 *
 * `stub` has no garbage collector: kernels work on addresses that their caller lays out in the
 * imported memory, so nothing is ever allocated inside. `abort=` drops the one import that would
 * remain. Warning 112 is about vectors that cross to JavaScript: it means every function a file
 * exports, and here only those that index.ts exports cross, with numbers alone.
 */
const common = [
  ...["-O3", "--noAssert", "--runtime", "stub", "--importMemory", "--use", "abort="],
  ...["--disableWarning", "112"],
];

/** @type {Readonly<Record<string, { entry: string, options: readonly string[] }>>} */
export const wasmBuilds = {
  kernels: {
    entry: "packages/wasm/assembly/index.ts",
    options: [...common, "--enable", "simd"],
  },
};
