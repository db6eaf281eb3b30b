/** What the platform's WebAssembly can do, found out by asking it. */

export interface Features {
  /** Vectors of 128 bits; without them nothing runs. */
  readonly simd: boolean;
  /** `relaxed_madd` exists … */
  readonly relaxed: boolean;
  /** … and rounds once, as a fused multiply-add does. */
  readonly fused: boolean;
  /** Memory that threads can share. */
  readonly shared: boolean;
  /** Logical processors. */
  readonly processors: number;
}

/** A module of one function that makes a vector: valid only where SIMD is. */
const simdModule = moduleOf([0x60, 0, 1, 0x7b], [0x41, 0, 0xfd, 15]);

/** (a, b, c) → a · b + c by `f32x4.relaxed_madd`, in lane 0. */
const relaxedModule = moduleOf(
  [0x60, 3, 0x7d, 0x7d, 0x7d, 1, 0x7d],
  [
    ...[0x20, 0, 0xfd, 0x13, 0x20, 1, 0xfd, 0x13, 0x20, 2, 0xfd, 0x13], // splat each
    ...[0xfd, 0x85, 0x02, 0xfd, 0x1f, 0], // relaxed_madd, extract_lane 0
  ],
);

let known: Features | undefined;

/** The same answer every time; the first call may set a flag of V8's (Node 20 hides relaxed SIMD behind one). */
export function features(): Features {
  known ??= findFeatures();
  return known;
}

function findFeatures(): Features {
  if (typeof WebAssembly !== "object") {
    return { simd: false, relaxed: false, fused: false, shared: false, processors: 1 };
  }
  const simd = hasSimd();
  const relaxed = simd && hasRelaxed();
  return {
    simd,
    relaxed,
    fused: relaxed && isFused(),
    shared: hasSharedMemory(),
    processors: processors(),
  };
}

/** Whether vectors of 128 bits are there. Asked anew each time. */
export function hasSimd(): boolean {
  return typeof WebAssembly === "object" && WebAssembly.validate(simdModule);
}

function hasRelaxed(): boolean {
  if (WebAssembly.validate(relaxedModule)) return true;
  try {
    const v8 = nodeModule<typeof import("node:v8")>("node:v8");
    v8?.setFlagsFromString("--experimental-wasm-relaxed-simd");
  } catch {
    // Other runtimes have the module, but not the flag.
  }
  return WebAssembly.validate(relaxedModule);
}

function isFused(): boolean {
  const exports = relaxedExports();
  if (!exports) return false;
  const multiplyAdd = exports.f as (a: number, b: number, c: number) => number;
  // (1 + 2⁻¹²)² = 1 + 2⁻¹¹ + 2⁻²⁴, whose last term a rounded product has lost.
  const factor = 1 + 2 ** -12;
  return multiplyAdd(factor, factor, -(1 + 2 ** -11)) !== 0;
}

/** Undefined where a page's policy forbids to compile anything: opening the device says so. */
function relaxedExports(): WebAssembly.Exports | undefined {
  try {
    return new WebAssembly.Instance(new WebAssembly.Module(relaxedModule)).exports;
  } catch {
    return undefined;
  }
}

function hasSharedMemory(): boolean {
  if (typeof SharedArrayBuffer !== "function") return false;
  const { crossOriginIsolated } = globalThis as { readonly crossOriginIsolated?: boolean };
  return crossOriginIsolated !== false;
}

function processors(): number {
  const os = nodeModule<typeof import("node:os")>("node:os");
  if (os) return os.availableParallelism();
  return (globalThis.navigator as Navigator | undefined)?.hardwareConcurrency ?? 1;
}

function nodeModule<Module>(name: string): Module | undefined {
  const host = (globalThis as { readonly process?: Partial<NodeJS.Process> }).process;
  return host?.getBuiltinModule?.(name as "node:os") as Module | undefined;
}

/** A module whose one function, of that type and body, is exported as `f`. */
function moduleOf(type: readonly number[], body: readonly number[]): Uint8Array<ArrayBuffer> {
  const section = (id: number, content: readonly number[]) => [id, content.length, ...content];
  return Uint8Array.of(
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, ...type]),
    ...section(3, [1, 0]),
    ...section(7, [1, 1, 0x66, 0, 0]),
    ...section(10, [1, body.length + 2, 0, ...body, 0x0b]),
  );
}
