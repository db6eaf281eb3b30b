/** The way in: a stock tfjs backend as a backend of Hone's. */
import {
  adapterWords,
  type Backend,
  checkOptions,
  type Device,
  type DeviceInfo,
  HoneError,
  isBoolean,
  isObject,
  isSoftwareAdapter,
  isText,
  type Probe,
} from "@hone/core/backend";
import { StockDevice } from "./device.js";
import { openCpu } from "./stock/cpu.js";
import { loadCore } from "./stock/registry.js";
import type { Stock, StockName } from "./stock/stock.js";
import { openWasm, type WasmPaths, wasmThreads, wasmTraits } from "./stock/wasm.js";
import { findAdapter, openWebgpu } from "./stock/webgpu.js";

export type { StockName } from "./stock/stock.js";

/** Which backend of stock tfjs computes. */
export interface TfjsOptions {
  /**
   * Where a page finds tfjs-wasm's three .wasm files, as tfjs's `setWasmPaths` takes it: the address of
   * their folder, ending in "/", or an address for each. Not needed in Node, nor where the page has
   * started tfjs-wasm itself.
   */
  readonly wasmPaths?: WasmPaths;
  /**
   * False leaves stock kernels in place that answer otherwise than Hone's ops only to NaN, or among equal
   * maxima of a pool: for a benchmark of what tfjs does by itself. True unless given.
   */
  readonly exact?: boolean;
}

const NAMES: readonly StockName[] = ["cpu", "wasm", "webgpu"];

/** What a probe finds, and how to open it. */
type Found =
  | { readonly ok: true; readonly info: DeviceInfo; readonly open: () => Promise<Stock> }
  | { readonly ok: false; readonly reason: string; readonly hint: string };

/**
 * Runs programs op by op on a stock tfjs backend, on the calling thread. The stock backend is loaded when
 * it is opened (a probe loads tfjs-core alone), and a user's own tfjs code beside it keeps its backend.
 * @throws BadArgument for a name that is none of the three
 */
export function tfjs(name: StockName, options: TfjsOptions = {}): Backend {
  if (!NAMES.includes(name)) {
    const given = typeof name === "string" ? `"${name}"` : `a name of type ${typeof name}`;
    const what = `${given} is not one of ${NAMES.join(", ")}. Give one of them.`;
    throw new HoneError("BadArgument", "tfjs", what);
  }
  checkOptions("tfjs", options, {
    exact: { is: isBoolean, wanted: "true or false" },
    wasmPaths: { is: (value) => isText(value) || isObject(value), wanted: "a folder or addresses" },
  });
  return {
    name: `tfjs-${name}`,
    specVersion: 1,
    probe: async (): Promise<Probe> => {
      const found = await find(name, options);
      return found.ok ? { ok: true, info: found.info } : found;
    },
    open: () => open(name, options),
  };
}

async function open(name: StockName, options: TfjsOptions): Promise<Device> {
  const where = `tfjs-${name}`;
  const found = await find(name, options);
  if (!found.ok) {
    throw new HoneError("BackendUnavailable", where, `${found.reason}. To use it: ${found.hint}.`);
  }
  try {
    return new StockDevice(await found.open(), found.info, options.exact ?? true);
  } catch (cause) {
    // tfjs-wasm rejects with an object that is no Error.
    const reason = (cause as { message?: string } | undefined)?.message ?? String(cause);
    const help =
      name === "wasm"
        ? "In a page, give `wasmPaths`: where tfjs's .wasm files are served."
        : "Pick another backend.";
    throw new HoneError("BackendUnavailable", where, `it does not start (${reason}). ${help}`, {
      cause,
    });
  }
}

async function find(name: StockName, options: TfjsOptions): Promise<Found> {
  try {
    const { version_core: version } = await loadCore();
    const found = await FINDERS[name](version, options);
    if (!found.ok || (options.exact ?? true)) return found;
    return { ...found, info: { ...found.info, numerics: `${found.info.numerics} as stock` } };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return {
      ok: false,
      reason: `@tensorflow/tfjs-core does not load (${message})`,
      hint: "npm install @tensorflow/tfjs-core@4.22.0",
    };
  }
}

const FINDERS: Readonly<
  Record<StockName, (version: string, options: TfjsOptions) => Found | Promise<Found>>
> = { cpu: foundCpu, wasm: findWasm, webgpu: findWebgpu };

function foundCpu(version: string): Found {
  const info: DeviceInfo = {
    backend: "tfjs-cpu",
    description: `stock tfjs ${version}, JavaScript`,
    kind: "cpu",
    numerics: "tfjs-cpu",
    threads: 1,
  };
  return { ok: true, info, open: openCpu };
}

async function findWasm(version: string, options: TfjsOptions): Promise<Found> {
  if (typeof WebAssembly !== "object") {
    return {
      ok: false,
      reason: "there is no WebAssembly here",
      hint: "use a current browser, or take tfjs-cpu",
    };
  }
  const { simd } = wasmTraits();
  const threads = await wasmThreads();
  const words = `WASM${simd ? " SIMD" : ""}, ${threads} thread${threads === 1 ? "" : "s"}`;
  const info: DeviceInfo = {
    backend: "tfjs-wasm",
    description: `stock tfjs ${version}, ${words}`,
    kind: "wasm",
    numerics: simd ? "tfjs-wasm-simd" : "tfjs-wasm",
    threads,
  };
  return { ok: true, info, open: () => openWasm(options.wasmPaths) };
}

async function findWebgpu(version: string): Promise<Found> {
  const found = await findAdapter();
  if (!found.ok) return found;
  const { info: said } = found.adapter;
  const words = adapterWords(said);
  const software = isSoftwareAdapter(said);
  const gpu = said.description || words.join(" ") || "GPU";
  const info: DeviceInfo = {
    backend: "tfjs-webgpu",
    description: `stock tfjs ${version}, ${gpu}${software ? " (software)" : ""}`,
    kind: software ? "software-gpu" : "gpu",
    numerics: `tfjs-webgpu ${words.join(" / ") || "unknown"}`,
    threads: 1,
  };
  return { ok: true, info, open: () => openWebgpu(found.adapter) };
}
