export { cnn, cnnTuned, type ModelOptions, mlp, mlpTuned } from "./networks.js";
export {
  createModel,
  isModelName,
  type ModelName,
  type TrainingDefaults,
  type ZooEntry,
  zoo,
} from "./zoo.js";
