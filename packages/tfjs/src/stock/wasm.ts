/**
 * Stock tfjs in WebAssembly.
 *
 * Its kernels keep the functions of one module in variables of their own, so there can be only one
 * instance in a process: the one in tfjs's registry, shared with the user's own tfjs code and with every
 * device of ours. It is put there without `initializeBackend`, during which any tfjs call would throw.
 */
import { kernelFinder, loadCore, loadQuietly, setUpKernels, type TfjsCore } from "./registry.js";
import type { Stock, StockInstance } from "./stock.js";

/** Where a page's .wasm files lie: a folder, or an address for each of the three files. */
export type WasmPaths = string | Readonly<Record<string, string>>;

/** tfjs-wasm allocates in one memory of at most 2 GiB. */
const MAX_LENGTH = 2 ** 28;
/** The most threads tfjs takes by itself. */
const MAX_THREADS = 4;

let starting: Promise<StockInstance> | undefined;

export async function openWasm(wasmPaths: WasmPaths | undefined): Promise<Stock> {
  const core = await loadCore();
  const module = await loadQuietly(core, "wasm", () => import("@tensorflow/tfjs-backend-wasm"));
  const { registry } = core.engine();
  let instance = registry.wasm;
  if (!instance) {
    if (wasmPaths !== undefined && !starting) {
      await checkAddress(wasmPaths);
      module.setWasmPaths(typeof wasmPaths === "string" ? wasmPaths : { ...wasmPaths });
    }
    starting ??= start(core);
    try {
      await starting;
    } finally {
      starting = undefined;
    }
    instance = registry.wasm as StockInstance;
  }
  setUpKernels(core, "wasm", instance);
  return {
    name: "wasm",
    instance,
    kernel: kernelFinder(core, "wasm"),
    maxLength: MAX_LENGTH,
    close: () => {},
  };
}

/** What a file of WebAssembly begins with. */
const MAGIC = "\0asm";

/**
 * Looks at the file that tfjs will load: after one failure tfjs takes no other address.
 * @throws when there is none
 */
async function checkAddress(paths: WasmPaths): Promise<void> {
  if (inNode()) return;
  const { simd, threaded } = wasmTraits();
  const build = `${threaded ? "-threaded" : ""}${simd ? "-simd" : ""}`;
  const file = `tfjs-backend-wasm${build}.wasm`;
  const address = typeof paths === "string" ? `${paths}${file}` : paths[file];
  if (address === undefined) throw new Error(`\`wasmPaths\` has no "${file}"`);
  const response = await fetch(address, { credentials: "same-origin" });
  const start = new Uint8Array(await response.arrayBuffer()).subarray(0, MAGIC.length);
  if (!response.ok || String.fromCharCode(...start) !== MAGIC) {
    throw new Error(`there is no WebAssembly at ${address}, status ${response.status}`);
  }
}

/** Starts an instance and registers it, unless the user's code has registered one meanwhile. */
async function start(core: TfjsCore): Promise<StockInstance> {
  const restore = keepProcessListeners();
  try {
    const made = (await core.findBackendFactory("wasm")?.()) as StockInstance;
    const { registry } = core.engine();
    registry.wasm ??= made;
    return registry.wasm;
  } finally {
    restore();
  }
}

/**
 * In Node the module adds listeners to the process that throw what they hear, so that an uncaught error
 * ends with another exit code and stack. Takes away those that were added meanwhile.
 */
function keepProcessListeners(): () => void {
  if (!inNode()) return () => {};
  const events = ["uncaughtException", "unhandledRejection"] as const;
  const before = events.map((event) => process.rawListeners(event));
  return () => {
    for (const [at, event] of events.entries()) {
      for (const listener of process.rawListeners(event)) {
        if (!before[at]?.includes(listener)) process.off(event, listener as () => void);
      }
    }
  };
}

const inNode = () => typeof process === "object" && typeof process.versions?.node === "string";

/** A program of one SIMD instruction, and one of an atomic one. */
const SIMD = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 9, 1, 7, 0, 65, 0, 253, 15, 26,
  11,
];
const ATOMIC = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 5, 4, 1, 3, 1, 1, 10, 11, 1, 9, 0, 65,
  0, 254, 16, 2, 0, 26, 11,
];

/** The threads of the instance that runs, or else those that tfjs would take. */
export async function wasmThreads(): Promise<number> {
  const { registry } = (await loadCore()).engine();
  if (!registry.wasm) return wasmTraits().threads;
  return (await import("@tensorflow/tfjs-backend-wasm")).getThreadsCount();
}

/** What tfjs will find here, found without loading it: one thread for two logical cores, at most four. */
export function wasmTraits(): {
  readonly simd: boolean;
  /** Whether it takes the build with threads, if only for one. */
  readonly threaded: boolean;
  readonly threads: number;
} {
  const simd = WebAssembly.validate(Uint8Array.from(SIMD));
  const shared = !inNode() && typeof SharedArrayBuffer === "function";
  const threaded = simd && shared && WebAssembly.validate(Uint8Array.from(ATOMIC));
  const cores = globalThis.navigator?.hardwareConcurrency ?? 1;
  return {
    simd,
    threaded,
    threads: threaded ? Math.min(Math.max(Math.floor(cores / 2), 1), MAX_THREADS) : 1,
  };
}
