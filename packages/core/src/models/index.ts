export {
  type CnnOptions,
  cnn,
  cnnCompact,
  cnnTuned,
  type MlpOptions,
  mlp,
  mlpTuned,
  mnistFast,
} from "./networks.js";
export type { ModelOptions } from "./stack.js";
export {
  createModel,
  isModelName,
  type ModelName,
  type ScheduleName,
  type TrainingDefaults,
  trainOptions,
  type ZooEntry,
  zoo,
} from "./zoo.js";
