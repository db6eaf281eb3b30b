/** The program of the worker that `wasm` starts; as a file, also that of its helper threads. */
import { lowerings } from "./kernels/index.js";
import { predictLowerings } from "./kernels/predict.js";
import { serveDevice } from "./served.js";

serveDevice(({ onlyPredicts }) => (onlyPredicts ? predictLowerings : lowerings));
