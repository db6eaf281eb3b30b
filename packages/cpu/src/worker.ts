/** The program of the worker that `cpu` starts. */
import { serve, workerPort } from "@hone/core/backend";
import { cpuBackend } from "./backend.js";
import type { CpuBackendOptions } from "./options.js";

serve((options: CpuBackendOptions) => cpuBackend(options), workerPort());
