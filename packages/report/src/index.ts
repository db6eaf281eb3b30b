/** Hone's records as text: pure functions, one record in, one string out. */

export { type Alignment, alignColumns, type ColumnOptions, clip } from "./align.js";
export {
  type BenchmarkColumn,
  type BenchmarkTableRow,
  benchmarkColumns,
  benchmarkTable,
  type FigureSpread,
  outcomeText,
  sortBenchmark,
  taskText,
} from "./benchmark-table.js";
export { confusionTable } from "./confusion-table.js";
export { curveText, sparkline } from "./curve-text.js";
export {
  type Exploration,
  type ExploredClass,
  type ExploredColumn,
  type ExploredImages,
  type ExploredInput,
  type ExploredLabels,
  type ExploredPart,
  exploreDataset,
  type ValueStatistics,
} from "./exploration.js";
export { explorationText } from "./exploration-text.js";
export { figureLabel, figureText, isShare } from "./figures.js";
export {
  type ConfusedPair,
  confusedPairs,
  findMistakes,
  type Judgement,
  type Mistake,
  type Mistakes,
} from "./mistakes.js";
export { modelCard } from "./model-card.js";
export { numberText, percentText } from "./numbers.js";
export * from "./study/index.js";
export {
  type HistoryColumns,
  type HistoryRecord,
  historyTable,
  type ResultRow,
  resultTable,
} from "./tables.js";
export type {
  DeviceCandidate,
  ModelLayer,
  ReportFigures,
  TrainingReportClasses,
  TrainingReportEpoch,
  TrainingReportRecord,
  TrainingReportResult,
} from "./training-record.js";
export {
  type ChoiceEffect,
  type ParameterEffect,
  type ScoredTrial,
  tuningEffects,
} from "./tuning-effects.js";
