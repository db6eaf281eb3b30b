/** The program of the worker that `webgpu` starts in a page. */
import { serve, workerPort } from "@hone/core/backend";
import { directWebgpu } from "./backend.js";

export interface WorkerSettings {
  readonly powerPreference?: GPUPowerPreference;
}

serve((settings: WorkerSettings) => directWebgpu(settings), workerPort());
