export { type CompiledSettings, readCompiledSettings } from "./compiled-settings.js";
export { type OptimizerLike, optimizerOf } from "./optimizer-of.js";
export { randomNormal, randomUniform } from "./random.js";
export type { LayersModelLike, LossFunctionLike } from "./tfjs-types.js";
export { type TraceOptions, traceModel } from "./trace-model.js";
export { type CapturedWeights, capturedWeights } from "./weights.js";
