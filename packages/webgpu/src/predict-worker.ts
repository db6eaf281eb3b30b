/** The program of the worker that `webgpu` of @hone/webgpu/predict starts in a page. */
import { predictKernels } from "./kernels/predict.js";
import { serveDevice } from "./served.js";

serveDevice(() => predictKernels);
