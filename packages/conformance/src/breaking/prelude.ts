/**
 * Runs in a worker before the worker's own script, and breaks its thread when it is told to: how tests
 * break the workers that are shipped, without these having an ear for it.
 */
import { FUSE, type FuseMessage, type Harm, type HarmMessage } from "./harm.js";
import { wrapWorkers } from "./wrap-workers.js";

type Listen = (listener: (message: unknown) => void) => void;

interface Helper {
  terminate(): unknown;
}

declare const preludeText: string;

const threads = (
  globalThis as { readonly process?: Partial<NodeJS.Process> }
).process?.getBuiltinModule?.("node:worker_threads");

const listen: Listen = threads
  ? (listener) => threads.parentPort?.on("message", listener)
  : (listener) => addEventListener("message", ({ data }) => listener(data));

const helpers: Helper[] = [];
/** Memories that kernels work on. */
const memories = new Set<WebAssembly.Memory>();
const gpus = new Set<GPUDevice>();
let fuse: Int32Array | undefined;
let isHelper = false;

/** What is constant in kernels and the words that threads wait on stand first, and stay as they are. */
const CONSTANT_BYTES = 16_384;
const MEETING_BYTES = 448 + 64 * 64;

/** The workers that this one starts are breakable too, and known here. */
wrapWorkers(preludeText, (helper) => {
  helpers.push(helper);
  if (fuse) helper.postMessage({ fuse, helper: true } satisfies FuseMessage);
});

const { instantiate } = WebAssembly;
WebAssembly.instantiate = (async (module: WebAssembly.Module, imports?: WebAssembly.Imports) => {
  const instance = await instantiate(module, imports);
  const memory = imports?.env?.memory;
  if (memory instanceof WebAssembly.Memory) memories.add(memory);
  return instance;
}) as typeof instantiate;

if (typeof GPUAdapter === "function") {
  const { requestDevice } = GPUAdapter.prototype;
  GPUAdapter.prototype.requestDevice = async function (this: GPUAdapter, ...options) {
    const device = await requestDevice.apply(this, options);
    gpus.add(device);
    return device;
  };
}

const wait = Atomics.wait.bind(Atomics) as typeof Atomics.wait;
Atomics.wait = ((...where: Parameters<typeof Atomics.wait>) => {
  const burnt = fuse && isHelper ? Atomics.load(fuse, 0) : FUSE.whole;
  if (burnt === FUSE.trap) trap();
  if (burnt === FUSE.exit) (globalThis as unknown as { process: NodeJS.Process }).process.exit(0);
  return wait(...where);
}) as typeof Atomics.wait;

/** What a kernel does that reaches "unreachable". */
function trap(): void {
  const unreachable = Uint8Array.of(
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0],
    ...[7, 5, 1, 1, 0x66, 0, 0, 10, 5, 1, 3, 0, 0, 0x0b],
  );
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(unreachable));
  (exports.f as () => void)();
}

/** The next kernel that is called is of a number that there is not, for as many units. */
function ruinMemory(): void {
  for (const { buffer } of memories) {
    new Uint8Array(buffer, CONSTANT_BYTES + MEETING_BYTES).fill(0x7f);
  }
}

function refuseMemory(): void {
  const refuse = () => {
    throw new RangeError("allocation was refused");
  };
  WebAssembly.Memory.prototype.grow = refuse;
  globalThis.ArrayBuffer = new Proxy(ArrayBuffer, { construct: refuse });
}

function mute(): void {
  const silent = () => {};
  if (threads?.parentPort) threads.parentPort.postMessage = silent;
  else globalThis.postMessage = silent;
}

const HARMS: Readonly<Record<Harm, () => void>> = {
  spin() {
    for (;;);
  },
  mute,
  throw() {
    setTimeout(() => {
      throw new Error("thrown where nobody catches");
    });
  },
  "trap wasm": ruinMemory,
  "terminate helper": () => void helpers.at(-1)?.terminate(),
  "refuse allocation": refuseMemory,
  "destroy GPU device": () => {
    for (const gpu of gpus) gpu.destroy();
  },
};

listen((message) => {
  const { harm, fuse: given, helper } = message as Partial<HarmMessage & FuseMessage>;
  if (given) fuse = given;
  if (helper) isHelper = true;
  if (harm) HARMS[harm]();
});
