/**
 * For packages that make data sets, as @hone/data does. A way in of its own: whoever bundles what trains without tfjs beside
 * late parts that have it would get tfjs at once through `@hone/core`, since bundlers divide code by ways in.
 */
export { HoneError } from "./errors.js";
export { HOST_STREAMS, RandomStream } from "./random.js";
export { split, validateDataset } from "./run/dataset.js";
