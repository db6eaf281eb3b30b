// What only training and judging need.
export {
  countOneHot,
  countSparse,
  crossEntropyGradOneHot,
  crossEntropyGradSparse,
  crossEntropyOneHot,
  crossEntropySparse,
} from "../loss";
export { transposeMatrix } from "../copy";
export { multiplyByStep } from "../steps";
export { addFour, addOne, addTwelve } from "../pieces";
export { conv2dBackpropFilter, conv2dBackpropInput } from "../convolution";
export { winogradTurnedFilter } from "../winograd-filter";
export { addFilterPartials, filterByWinners } from "../winners-gradient";
export { inputByWinners } from "../winners-input-gradient";
export { addToFour, addToOne, narrowFilterByWinners } from "../narrow-gradient";
export { avgPoolGrad, maxPoolGrad } from "../pool";
export { maxPoolGradPairs, maxPoolGradPairsByStep } from "../pool-pairs";
export { addPartials } from "../partials";
export { reduceProduct } from "../reduce-products";
export { computePatchTile } from "../tile";
export * from "../gather";
export * from "../learning";
