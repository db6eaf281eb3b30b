/** What one training step computed and left, to be compared with what it is elsewhere. */
import type { TypedArray } from "@hone/core/backend";

/** What one step computed, and what it left for the next. */
export interface StepAnswer {
  readonly loss: number;
  /** Of each trainable weight, in model order. */
  readonly gradients: readonly TypedArray[];
  /** All weights, in model order. */
  readonly weights: readonly TypedArray[];
  readonly slots: readonly TypedArray[];
}
