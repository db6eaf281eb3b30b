/** What an adapter package imports: the contract, errors, index arithmetic, the generator and workers. */

export * from "./backend.js";
export { HoneError, invariant, isHoneError } from "./errors.js";
export * from "./graph/geometry.js";
export type { Attributes, DataType, Shape } from "./graph/types.js";
export {
  type HostedOptions,
  hosted,
  type ServerPort,
  serve,
  spawnWorker,
  type WorkerListeners,
  type WorkerPort,
  type WorkerSource,
  workerPort,
} from "./hosted.js";
export { philox } from "./random.js";
