// Every kernel an entry can call: those of predict.ts, and those that only training and judging need.
export * from "./predict";
export {
  countOneHot,
  countSparse,
  crossEntropyGradOneHot,
  crossEntropyGradSparse,
  crossEntropyOneHot,
  crossEntropySparse,
} from "./loss";
// Exported so that no optimizer folds them into their callers: see tile.ts.
export { addFour, addOne, addTwelve } from "./pieces";
export { conv2dBackpropFilter } from "./convolution";
export { depthwiseFilterByTaps, depthwiseInputByTaps } from "./depthwise-taps";
export {
  addNineTaps,
  depthwiseFilterGradient,
  depthwiseInputBy2,
  depthwiseSpread,
} from "./depthwise-gradients";
export { addFilterPartials, filterByWinners } from "./winners-gradient";
export { inputByWinners } from "./winners-input-gradient";
export { addToFour, addToOne, narrowFilterByWinners } from "./narrow-gradient";
export { avgPoolGrad, maxPoolGrad } from "./pool";
export { maxPoolGradPairs, maxPoolGradPairsByStep } from "./pool-pairs";
export { augmentImages } from "./augment";
export { dropout } from "./dropout";
export { randomNormal, randomUniform } from "./random";
export * from "./gather";
export { sumOwnSegments, sumSegmentParts } from "./table-rows";
export * from "./learning";
