/** Times training and prediction on any backend, and checks that what was timed computes right. */

export { accuracyTargets, timeToAccuracy } from "./accuracy.js";
export {
  type Answer,
  ask,
  type BenchmarkData,
  type BenchmarkModel,
  type Question,
  referenceAnswer,
} from "./answers.js";
export { type BenchmarkOptions, benchmark } from "./benchmark.js";
export { type Contender, type RoundsOptions, runRounds } from "./rounds.js";
export {
  type AccuracyPoint,
  type BenchmarkRow,
  type EngineInfo,
  type FirstStepFigures,
  identityOf,
  type Mode,
  type RoundFigures,
  type RowIdentity,
  type RowOutcome,
  rowTitle,
  type StepFigures,
  type TimeToAccuracy,
} from "./row.js";
export { isRowOutcome } from "./row-outcome.js";
export { defaultSampling, quickSampling, type Sampling } from "./samples.js";
export { median, quantile, type Spread, spreadOf } from "./statistics.js";
export type { StepAnswer } from "./step-answer.js";
export { medianEpoch, type RowSummary, summarizeRounds } from "./summary.js";
