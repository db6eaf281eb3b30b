/** The program of the worker that `wasm` starts. */
import { serve, workerPort } from "@hone/core/backend";
import { wasmBackend } from "./backend.js";

serve(() => wasmBackend(), workerPort());
