export { type CnnOptions, cnn, cnnTuned, type MlpOptions, mlp, mlpTuned } from "./networks.js";
export type { ModelOptions } from "./stack.js";
export {
  createModel,
  isModelName,
  type ModelName,
  type TrainingDefaults,
  type ZooEntry,
  zoo,
} from "./zoo.js";
