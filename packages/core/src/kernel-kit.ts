/**
 * What the kernels of an adapter import whose programs are lowered where they come from (hosted/lowered.ts): the calls
 * and index arithmetic, and nothing of a device. A file of its own beside backend-kit.ts, for the reason that
 * hosted-kit.ts is one.
 */

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
export type { Call, DeviceInfo, Entry, Operand } from "./backend.js";
export { invariant } from "./errors.js";
export * from "./graph/geometry.js";
export { type ScalarOperation, scalarOperations } from "./graph/scalar-operations.js";
export type { DataType, Shape } from "./graph/types.js";
export { type Lowering, loaded } from "./hosted/lowered.js";
export { bytesPerElement, operandBytes } from "./plan/element-size.js";
export { inTurns } from "./turns.js";
