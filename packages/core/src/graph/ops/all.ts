/** The whole table at once, for suites and tools, and for who tries a device on all of it. */
import { commonGradients } from "../gradients/index.js";
import { depthwiseOps } from "./depthwise.js";
import { fusedOps } from "./fused.js";
import { gatherOps } from "./gather.js";
import { holdOps } from "./index.js";
import { recurrentOps } from "./recurrent.js";
import { stepOps } from "./steps.js";

export function holdAllOps(): void {
  holdOps(commonGradients, ...stepOps, depthwiseOps, gatherOps, recurrentOps, fusedOps);
}
