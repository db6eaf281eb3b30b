/**
 * What AssemblyScript compiles: each family of kernels, plain and relaxed; a file `kernels-<family>-<build>.wasm` each.
 *
 * `stub` has no garbage collector: kernels work on addresses that their caller lays out in the
 * imported memory, so nothing is ever allocated inside; the host puts kernels of all families into the base's
 * table, so that a list of calls in memory can name them (assembly/run.ts). `abort=` drops the one import that would
 * remain. Warning 112 is about vectors that cross to JavaScript: it means every function a file
 * exports, and here only those cross that the host calls, with numbers alone.
 *
 * No file is under 4 kB: Vite makes text of such files, whether a page needs them or not.
 */
const common = [
  ...["--noAssert", "--runtime", "stub", "--importMemory"],
  ...["--use", "abort="],
  ...["--disableWarning", "112"],
  ...["--enable", "simd"],
];

/** Memory that threads may share; packages/wasm/src/module.ts makes the same code take memory that they do not. */
const shared = ["--enable", "threads", "--sharedMemory", "--maximumMemory", "65536"];

/** `relaxed` multiplies and adds in one rounding where the machine can. */
const builds = { plain: [], relaxed: ["--enable", "relaxed-simd"] };

/**
 * Files of packages/wasm/assembly/families. Where a kernel stands, src/families.ts and src/kernels/ say. What only waits
 * for memory is as fast when it is made small; exp, tanh and pow are not, by a third to two thirds.
 */
const families = {
  base: ["-O3", "--exportTable"],
  training: ["-O3"],
  elementwise: ["-O3"],
  arrays: ["-Oz"],
  noise: ["-O3"],
  depthwise: ["-O3"],
  recurrent: ["-O3"],
};

/** The families one behind another, in an order in which deflate finds most of them again. */
export const packedFamilies = "recurrent depthwise arrays base training noise elementwise".split(
  " ",
);

/** Each family keeps what is constant in it at a place of its own, below STATIC_BYTES of packages/wasm/src/arena.ts. */
const STATIC_BYTES = 1024;

function build(family, index, options) {
  const place = ["--memoryBase", `${STATIC_BYTES * (index + 1)}`];
  return {
    entry: `packages/wasm/assembly/families/${family}.ts`,
    options: [...common, ...shared, ...families[family], ...place, ...options],
  };
}

/** @type {Readonly<Record<string, { entry: string, options: readonly string[] }>>} */
export const wasmBuilds = Object.fromEntries(
  Object.keys(families).flatMap((family, index) =>
    Object.entries(builds).map(([name, options]) => [
      `${family}-${name}`,
      build(family, index, options),
    ]),
  ),
);
