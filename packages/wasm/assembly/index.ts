// Every kernel an entry can call, and what the host and its helpers call themselves.
export * from "./unary";
export * from "./binary";
export { copyBlocks, copyStrided, fill, transposeMatrix } from "./copy";
export * from "./reduce";
export { reduceProduct } from "./reduce-products";
export * from "./loss";
// Exported so that no optimizer folds them into their callers: see tile.ts.
export { computePatchTile, computeTile } from "./tile";
export { addFour, addOne, addTwelve } from "./pieces";
export { packPanels, packTransposed } from "./panels";
export { productByPanels, productByRows } from "./product";
export { sumWide, vectorProduct } from "./vector-product";
export { conv2d, conv2dBackpropFilter, conv2dBackpropInput } from "./convolution";
export { conv2dMaxPool } from "./convolution-pool";
export { addFilterPartials, filterByWinners } from "./winners-gradient";
export { inputByWinners } from "./winners-input-gradient";
export { addToFour, addToOne, narrowFilterByWinners } from "./narrow-gradient";
export { stencilMaxPool, sumCells } from "./stencil";
export { winogradConv2d, winogradMaxPool } from "./winograd";
export { winogradFilter, winogradTurnedFilter } from "./winograd-filter";
export { addPartials } from "./partials";
export { avgPool, avgPoolGrad, maxPool, maxPoolGrad } from "./pool";
export { maxPoolGradPairs, maxPoolGradPairsByStep, maxPoolPairs } from "./pool-pairs";
export { augmentImages } from "./augment";
export { dropout } from "./dropout";
export { randomNormal, randomUniform } from "./random";
export * from "./gather";
export * from "./learning";
export * from "./functions";
export * from "./maps";
export { dismiss, help, runWork } from "./helper";

/** The first byte that no static data of the module occupies. */
export function heapBase(): usize {
  return __heap_base;
}
