/**
 * For test suites and tools: the graph, the plan and the trace, without any promise of stability.
 * Applications import `@hone/core`.
 */

import { holdEverything } from "./plan/everything.js";
import { part as common } from "./trace/common-parts.js";
import { addPart } from "./trace/on-demand.js";
import { part as rare } from "./trace/rare-parts.js";

// Who captures, builds or plans by hand has no chance to load them.
addPart(common, 1);
addPart(rare, 2);
holdEverything();

export { deviceFault } from "./adapter/nonsense.js";
export { otherVersion } from "./adapter/spec-version.js";
export {
  type CapturedModel,
  captureModel,
} from "./capture.js";
export type { CaptureOptions } from "./capture-options.js";
export { compile } from "./compile.js";
export {
  applyOptimizer,
  scheduleColumns,
  scheduleRow,
  slotNames,
  updateOf,
} from "./graph/apply-optimizer.js";
export type { Augment } from "./graph/augment.js";
export { gradientBuffer } from "./graph/backward.js";
export { GraphBuilder } from "./graph/builder.js";
export { type ColumnSpec, type DataSpec, residentBuffer } from "./graph/feeds.js";
export { Formula, Value } from "./graph/formula.js";
export { samePadding, sizeOf } from "./graph/geometry.js";
export { gradients } from "./graph/gradient.js";
export {
  type LabelKind,
  type LabelRange,
  LOSS_NAMES,
  type LossName,
  labelKind,
  labelRange,
  labelShapeFits,
  lossOf,
  lossTensor,
  type NamedLoss,
} from "./graph/losses/index.js";
export {
  type MetricName,
  metricDirection,
  metricJoins,
  metricOf,
  metricParts,
  metricValue,
  metricWidth,
  type NamedMetric,
} from "./graph/metrics/index.js";
export { findOp, isExpandable, opNames } from "./graph/ops/index.js";
export * from "./graph/optimizer.js";
export { predictionBuffer, predictionStep } from "./graph/prediction-step.js";
export { type ScalarOperation, scalarOperations } from "./graph/scalar-operations.js";
export { simplify } from "./graph/simplify.js";
export {
  METRICS_RING,
  type StepCapacity,
  trainingStep,
} from "./graph/steps.js";
export { atBatch, type ModelGraph, type TracedModel, type WeightInfo } from "./graph/template.js";
export { isTraced, type Term } from "./graph/terms.js";
export type { Attributes, DataType, Graph, Node, Shape, Tensor } from "./graph/types.js";
export { type Progressing, progress } from "./hosted/progress.js";
export { digest, type KnownAnswer } from "./pick/digest.js";
export { type Problem, problems } from "./pick/problems.js";
export { type Solution, solve } from "./pick/solve.js";
export { missing } from "./plan/fuse.js";
export { type PlanTarget, planEntry } from "./plan/plan.js";
export { RandomStream } from "./random.js";
export { planInputs } from "./run/data-plan.js";
export { type PatienceOptions, patientDevice } from "./run/patient-device.js";
export {
  type CallTime,
  type ProfiledCall,
  type ProfileParts,
  Profiler,
  profileGraph,
  profilePrediction,
  profileTraining,
} from "./run/profile.js";
export { predictionInputs, type StandaloneSteps, standaloneTraining } from "./run/standalone.js";
export {
  type StepFigures,
  type StepWindow,
  TrainingStepper,
} from "./run/training-stepper.js";
export {
  type CapturedWeights,
  capturedWeights,
  type LayersModelLike,
  type TraceOptions,
  traceModel,
} from "./trace/index.js";
export { type WholeLoss, wholeLoss } from "./trace/judging.js";

/** Loads what training brings late, for who measures it and not its loading. */
export const loadTraining = () => import("./run/session-training.js");
