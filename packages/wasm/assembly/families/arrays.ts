// What looks elements up or turns arrays, and reductions but for sums.
export { transposeMatrix } from "../copy";
export { gatherTableRows, sumOwnSegments, sumSegmentParts } from "../table-rows";
export { avgPool } from "../pool";
export { argMax, reduceMax, reduceMin } from "../reduce";
export { logSoftmax } from "../loss";
