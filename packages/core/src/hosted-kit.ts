/**
 * What an adapter's way in needs: to offer a backend and to start its worker. A file of its own beside backend-kit.ts,
 * because bundlers put what is imported late from one file into that file's chunk: a page would load at once what
 * only a device on its own thread needs.
 */

export { absentWebgpu } from "./adapter/late-absent-webgpu.js";
export { adapterWords, isSoftwareAdapter } from "./adapter/software-adapter.js";
export * from "./backend.js";
export { type ErrorKind, HoneError, invariant, isHoneError } from "./errors.js";
export {
  type HostedOptions,
  hosted,
  isWorkerAddress,
  type Lowering,
  lowered,
  lowersFirst,
  spawnWorker,
  type WorkerAddress,
  type WorkerListeners,
  type WorkerPort,
  type WorkerSource,
} from "./hosted.js";
export {
  checkOptions,
  isAnything,
  isBoolean,
  isFunction,
  isObject,
  isText,
  type Option,
} from "./options.js";
export { messageOf } from "./value-text.js";
