export {
  type AttentionOptions,
  gpt,
  type TransformerOptions,
  transformer,
} from "./attention-networks.js";
export { type AutoencoderOptions, autoencoder, type VaeOptions, vae } from "./autoencoders.js";
export * from "./layers/index.js";
export { type MobileNetOptions, mobilenet, mobilenetV2 } from "./mobile-networks.js";
export type { ModelOptions, PictureNetworkOptions, TextNetworkOptions } from "./network-options.js";
export { type ResNetOptions, resnet, type UNetOptions, unet } from "./picture-networks.js";
export {
  type GruSeriesOptions,
  gruSeries,
  type LstmTextOptions,
  lstmText,
} from "./sequence-networks.js";
export {
  type CnnOptions,
  cnn,
  cnnCompact,
  cnnTuned,
  type MlpOptions,
  mlp,
  mlpTuned,
  mnistFast,
} from "./small-pictures.js";
export {
  createModel,
  isModelName,
  type ModelName,
  modelFitting,
  type ScheduleName,
  type Task,
  type TrainingDefaults,
  taskData,
  trainOptions,
  type ZooEntry,
  type ZooOptions,
  zoo,
} from "./zoo.js";
