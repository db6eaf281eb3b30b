/** The program of the worker that `cpu` starts. */
import { serve, workerPort } from "@hone/core/backend";
import { type CpuBackendOptions, cpuBackend } from "./backend.js";

serve((options: CpuBackendOptions) => cpuBackend(options), workerPort());
