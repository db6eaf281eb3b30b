/** Readers and writers of model and checkpoint files, hardened against what strangers put into them. */

export { decodeCheckpoint, encodeCheckpoint } from "./checkpoint-file.js";
export type { DecodedModel, DecodedWeight, ModelFiles } from "./decode.js";
export { decodeModel } from "./decode.js";
export type { EncodeOptions, SavableModel } from "./encode.js";
export { encodeModel } from "./encode.js";
export type { LoadedModel, Tfjs } from "./load.js";
export { loadModel } from "./load.js";
export { decodeSavedModel } from "./saved-model-file.js";
export { encodeSavedModel } from "./saved-model-writer.js";
