// Every kernel that an entry which only predicts can call, and what the host and its helpers call themselves.
export * from "./unary";
export * from "./binary";
export { copyBlocks, copyStrided, fill, transposeMatrix } from "./copy";
export * from "./reduce";
export { reduceProduct } from "./reduce-products";
export { logSoftmax, softmax } from "./loss";
// Exported so that no optimizer folds them into their callers: see tile.ts.
export { computePatchTile, computeTile } from "./tile";
export { gatherTableRows } from "./table-rows";
export { packPanels, packTransposed } from "./panels";
export { productByPanels, productByRows } from "./product";
export { sumWide, vectorProduct } from "./vector-product";
export { conv2d, conv2dBackpropInput } from "./convolution";
export { conv2dMaxPool } from "./convolution-pool";
export { stencilMaxPool, sumCells } from "./stencil";
export { winogradConv2d, winogradMaxPool } from "./winograd";
export { winogradFilter, winogradTurnedFilter } from "./winograd-filter";
export { depthwiseEach, depthwiseEveryOther, depthwiseRows } from "./depthwise";
export { depthwiseByTaps, sumTerms } from "./depthwise-taps";
export { addPartials } from "./partials";
export { avgPool, maxPool } from "./pool";
export { maxPoolPairs } from "./pool-pairs";
export * from "./functions";
export * from "./maps";
export { dismiss, help, runWork } from "./helper";

/** The first byte that no static data of the module occupies. */
export function heapBase(): usize {
  return __heap_base;
}
