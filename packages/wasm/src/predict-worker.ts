/** The program of the worker that `wasm` of @hone/wasm/predict starts. */
import { predictLowerings } from "./kernels/predict.js";
import { serveDevice } from "./served.js";

serveDevice(() => predictLowerings);
