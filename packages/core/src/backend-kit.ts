/** What an adapter package imports: the contract, errors, index arithmetic, the generator and workers. */

export { augmentedPixels, VACATED } from "./adapter/augmented-pixels.js";
export { type BlockSource, BlockTable } from "./adapter/block-table.js";
export { type ColumnLayout, columnMismatch, columnType, countRows } from "./adapter/columns.js";
export { FailureLatch } from "./adapter/failure-latch.js";
export { HostDevice } from "./adapter/host-device.js";
export type {
  ColumnFinder,
  HostColumn,
  HostMachine,
  HostView,
  LoweredCall,
  LoweredEntry,
  StepFunction,
} from "./adapter/host-machine.js";
export {
  disposedData,
  disposedExecutable,
  foreignData,
  preparedAlready,
  preparing,
  unboundData,
  unknownColumn,
  unknownEntry,
  unreadData,
} from "./adapter/misuse.js";
export { checkFit, NamedBuffers } from "./adapter/named-buffers.js";
export { columnTooLarge, outOfMemory } from "./adapter/out-of-memory.js";
export { UseCounts } from "./adapter/use-counts.js";
export type { Attributes } from "./graph/types.js";
export {
  holdLifeline,
  type LifelineEnd,
  lowersFirst,
  makeLifeline,
  movableOf,
  type Progressing,
  progress,
  progressOf,
  type ServerPort,
  serve,
  type WatchThread,
  workerPort,
} from "./hosted.js";
export * from "./hosted-kit.js";
export * from "./kernel-kit.js";
export * from "./map-kit.js";
export { operandBytes, type Precision } from "./plan/element-size.js";
export { blockTooLarge } from "./plan/out-of-memory.js";
export { philox } from "./random.js";
export { sha256 } from "./sha256.js";
