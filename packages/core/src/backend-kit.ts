/** What an adapter package imports: the contract, errors, index arithmetic, the generator and workers. */

export { type AbsentWebgpu, absentWebgpu } from "./adapter/absent-webgpu.js";
export { augmentedPixels, VACATED } from "./adapter/augmented-pixels.js";
export { type BlockSource, BlockTable } from "./adapter/block-table.js";
export {
  firstBlockOf,
  inputOperand,
  listAttribute,
  locationOf,
  missingKernel,
  numberAttribute,
  outputOperand,
  shapeOfInput,
  shapeOfOutput,
} from "./adapter/calls.js";
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
export { UseCounts } from "./adapter/use-counts.js";
export {
  type Expression,
  type Instruction,
  isReadByElement,
  liveValues,
  readExpression,
  type ScalarOperation,
  uniformValues,
} from "./graph/expression.js";
export * from "./graph/geometry.js";
export type { Attributes, DataType, Shape } from "./graph/types.js";
export {
  holdLifeline,
  type LifelineEnd,
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
export { bytesPerElement, operandBytes, type Precision } from "./plan/element-size.js";
export { blockTooLarge, columnTooLarge, outOfMemory } from "./plan/out-of-memory.js";
export { philox } from "./random.js";
export { sha256 } from "./sha256.js";
export { inTurns } from "./turns.js";
