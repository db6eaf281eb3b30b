/**
 * Hone's records as self-contained HTML: pieces of pages, charts, and whole pages. An entry of its own,
 * so that who only wants text does not load a plotting library.
 */

export {
  type BenchmarkPageRecord,
  type BenchmarkPageRow,
  benchmarkHtml,
} from "../benchmark-page.js";
export { explorationHtml, explorationSections } from "../exploration-page.js";
export { type StudyPage, type StudyPageParts, studyPage } from "../study/page/study-page.js";
export type { TestImages } from "../study/page/test-images.js";
export { trainingReportHtml } from "../training-page.js";
export type {
  DeviceCandidate,
  ModelLayer,
  ReportFigures,
  TrainingReportClasses,
  TrainingReportEpoch,
  TrainingReportRecord,
  TrainingReportResult,
} from "../training-record.js";
export {
  type TuningReportRecord,
  type TuningReportTrial,
  type TuningReportWinner,
  tuningReportHtml,
  tuningSections,
} from "../tuning-page.js";
export * from "./kit.js";
