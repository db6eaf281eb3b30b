// What every device needs: how calls are run, and the kernels that most networks compute with.
export { dismiss, help, runWork } from "../helper";
export { installKernels, mapRows } from "../maps";
export { copyBlocks, copyStrided, fill } from "../copy";
export { binaryAdd, binaryMultiply } from "../binary";
export { packPanels, packTransposed } from "../panels";
export { productByPanels, productByRows } from "../product";
export { vectorProduct } from "../vector-product";
export { conv2d } from "../convolution";
export { conv2dMaxPool } from "../convolution-pool";
export { stencilMaxPool } from "../stencil";
export { winogradConv2d, winogradMaxPool } from "../winograd";
export { winogradFilter } from "../winograd-filter";
export { maxPool } from "../pool";
export { maxPoolPairs } from "../pool-pairs";
export { softmax } from "../loss";
export { reduceSum } from "../reduce";
// Exported so that no optimizer folds them into their callers: see tile.ts.
export { computePatchTile, computeTile } from "../tile";
export { sumWide } from "../vector-product";
export { sumCells } from "../stencil";
