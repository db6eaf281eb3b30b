/**
 * What AssemblyScript compiles: one row per `hone:wasm/<name>` import, a file `kernels-<name>.wasm`.
 *
 * `stub` has no garbage collector: kernels work on addresses that their caller lays out in the
 * imported memory, so nothing is ever allocated inside; the host puts kernels into the exported table,
 * so that a list of calls in memory can name them (assembly/run.ts). `abort=` drops the one import that would
 * remain. Warning 112 is about vectors that cross to JavaScript: it means every function a file
 * exports, and here only those that index.ts exports cross, with numbers alone.
 */
const common = [
  ...["-O3", "--noAssert", "--runtime", "stub", "--importMemory", "--exportTable"],
  ...["--use", "abort="],
  ...["--disableWarning", "112"],
];

/** Memory that threads may share; packages/wasm/src/module.ts makes the same code take memory that they do not. */
const shared = ["--enable", "threads", "--sharedMemory", "--maximumMemory", "65536"];

/** `relaxed` multiplies and adds in one rounding where the machine can. */
const relaxed = ["--enable", "relaxed-simd"];

function build(entry, ...options) {
  const source = `packages/wasm/assembly/${entry}.ts`;
  return { entry: source, options: [...common, "--enable", "simd", ...shared, ...options] };
}

/** @type {Readonly<Record<string, { entry: string, options: readonly string[] }>>} */
export const wasmBuilds = {
  plain: build("index"),
  relaxed: build("index", ...relaxed),
  "plain-predict": build("predict"),
  "relaxed-predict": build("predict", ...relaxed),
};

/** Those that `hone:wasm-packed` holds: they do all that the others do. */
export const packedBuilds = ["plain", "relaxed"];
