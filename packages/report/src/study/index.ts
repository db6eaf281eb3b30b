/** The classic study: its records, what they say, and how it is told. */
export { type Conclusion, conclude, lateText } from "./conclusions.js";
export { fileStem } from "./file-stem.js";
export {
  addMatrices,
  type CountMatrix,
  confusionOf,
  mistakesOf,
  rowShares,
  type SharedMistakes,
  type StudyMistake,
  sharedMistakes,
} from "./mistakes.js";
export { decodePredictions, encodePredictions, type Predictions } from "./predictions.js";
export { publishedAccuracy, referenceAccuracy } from "./published.js";
export {
  type StudyData,
  type StudyDevice,
  type StudyEpoch,
  type StudyModel,
  type StudyNetwork,
  type StudyOutcome,
  type StudyPredictions,
  type StudyRecord,
  type StudyRun,
  type StudyRunSettings,
  type StudyRunTime,
  type StudySettings,
  type StudyTestSet,
  type StudyTime,
  studyRunFormat,
} from "./records.js";
export { type Difference, meanOf, type Spread, spreadOf } from "./statistics.js";
export {
  type ModelCurve,
  type ModelMistakes,
  type PairMistakes,
  type StudyFigures,
  studyFigures,
} from "./study-figures.js";
export { studyText } from "./study-text.js";
export {
  type CurvePoint,
  curveOf,
  lateEpochs,
  type ModelSummary,
  runsOf,
  summariseStudy,
} from "./summaries.js";
export { type TuningEffect, type TuningTable, tuningEffects } from "./tuning-effects.js";
