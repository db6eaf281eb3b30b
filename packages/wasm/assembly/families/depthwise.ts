// Depthwise convolutions and their gradients.
export { depthwiseEach, depthwiseEveryOther, depthwiseRows } from "../depthwise";
export { depthwiseByTaps, depthwiseFilterByTaps, depthwiseInputByTaps, sumTerms } from "../depthwise-taps";
export { addNineTaps, depthwiseFilterGradient, depthwiseInputBy2, depthwiseSpread } from "../depthwise-gradients";
