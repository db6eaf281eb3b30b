// Every kernel the host can call. Arguments are addresses in bytes, extents in elements.
export * from "./unary";
export * from "./binary";
export { copyBytes, copyStrided, fill, transposeMatrix } from "./copy";
export { argMax, reduceMax, reduceMin, reduceSum } from "./reduce";
export {
  countBinary,
  countOneHot,
  countSparse,
  crossEntropyGradOneHot,
  crossEntropyGradSparse,
  crossEntropyOneHot,
  crossEntropySparse,
  logSoftmax,
  softmax,
} from "./loss";
// Exported so that no optimizer folds them into their callers: see tile.ts.
export { computeTile } from "./tile";
export { addNarrowPatches, addPatches, spreadNarrowWeights, spreadWeights } from "./sparse";
export { matrixProduct } from "./product";
export { conv2d, conv2dBackpropFilter, conv2dBackpropInput } from "./convolution";
export { avgPool, avgPoolGrad, maxPool, maxPoolGrad } from "./pool";
export { maxPoolGradPairs, maxPoolGradPairsByStep, maxPoolPairs } from "./pool-pairs";
export { dropout } from "./dropout";
export { gatherFloats, gatherIntegers, recordStep } from "./gather";
export {
  applyAdam,
  applyMomentum,
  applySgd,
  assignMovingAverage,
  beginUpdate,
  globalNorm,
} from "./optimizers";

/** The first byte that no static data of the module occupies. */
export function heapBase(): usize {
  return __heap_base;
}
