/**
 * For test suites and tools: the graph, the plan and the trace, without any promise of stability.
 * Applications import `@hone/core`.
 */
export { type Alteration, alteredBackend } from "./adapter/altered-backend.js";
export { type CapturedModel, captureModel } from "./capture.js";
export { compile } from "./compile.js";
export {
  applyOptimizer,
  scheduleColumns,
  scheduleRow,
  slotNames,
  updateOf,
} from "./graph/apply-optimizer.js";
export type { Augment } from "./graph/augment.js";
export { GraphBuilder } from "./graph/builder.js";
export { Formula, type ScalarOperation, scalarOperations, Value } from "./graph/expression.js";
export { samePadding, sizeOf } from "./graph/geometry.js";
export { gradients } from "./graph/gradient.js";
export { type AccuracyKind, accuracyKind, type LossName } from "./graph/loss.js";
export { findOp, isExpandable, opNames } from "./graph/ops/index.js";
export * from "./graph/optimizer.js";
export { simplify } from "./graph/simplify.js";
export {
  type DataSpec,
  METRICS_COLUMNS,
  METRICS_RING,
  predictionStep,
  trainingStep,
} from "./graph/steps.js";
export { atBatch, type ModelGraph, type TracedModel, type WeightInfo } from "./graph/template.js";
export type { Attributes, DataType, Graph, Node, Shape, Tensor } from "./graph/types.js";
export { digest, type KnownAnswer } from "./pick/digest.js";
export { type Problem, problems } from "./pick/problems.js";
export { type Solution, solve } from "./pick/solve.js";
export { missing } from "./plan/fuse.js";
export { type PlanTarget, planEntry } from "./plan/plan.js";
export { RandomStream } from "./random.js";
export {
  type CallTime,
  type ProfiledCall,
  type ProfileParts,
  Profiler,
  profileGraph,
  profilePrediction,
  profileTraining,
} from "./run/profile.js";
export { type StandaloneSteps, standaloneTraining } from "./run/standalone.js";
export {
  type LayersModelLike,
  readWeights,
  type TraceOptions,
  traceModel,
  writeWeights,
} from "./trace/index.js";
