/** The program of the worker that `webgpu` starts in a page. */
import { kernels } from "./kernels/index.js";
import { predictKernels } from "./kernels/predict.js";
import { serveDevice } from "./served.js";

serveDevice(({ onlyPredicts }) => (onlyPredicts ? predictKernels : kernels));
