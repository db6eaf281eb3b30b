/** What an adapter package imports: the contract, errors, index arithmetic and the generator. */

export * from "./backend.js";
export { HoneError, invariant, isHoneError } from "./errors.js";
export * from "./graph/geometry.js";
export type { Attributes, DataType, Shape } from "./graph/types.js";
export { philox } from "./random.js";
