/** The public names of @hone/conformance. */

export type { CaseInput, CaseNode, OpCase, Tolerance, Values } from "./cases/case.js";
export { opCases } from "./cases/index.js";
export { lossesOf, lossFault } from "./models/free-running.js";
export { type RandomModel, randomModel } from "./models/random-model.js";
export { pictures, randomRows } from "./models/rows.js";
export {
  type Comparison,
  faultsOf,
  summaryOf,
  type TeacherForcedOptions,
  teacherForced,
} from "./models/teacher-forced.js";
export { MNIST_NAMES, type TraineeOptions, traineeOf, zooTrainee } from "./models/trainee.js";
export {
  type Trainee,
  Trainer,
  type TrainerOptions,
  type TrainingColumn,
  type TrainingRows,
} from "./models/trainer.js";
export { type Support, supportOf, testedOps } from "./op-checks.js";
export { type ConformanceResult, runConformance } from "./run-conformance.js";
export type { ConformanceOptions } from "./suite.js";
export { type TestBackendOptions, testBackend } from "./test-backend.js";
export { type CaseTime, timeCase } from "./time-case.js";
