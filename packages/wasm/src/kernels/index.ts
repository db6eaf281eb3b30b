/** Every op the wasm backend implements, and those it makes of several (fusion.ts). */
import { elementwiseLowerings, fusedElementwiseLowerings } from "./elementwise.js";
import { learningLowerings } from "./learning.js";
import type { Lowering } from "./lowering.js";
import { productLowerings } from "./products.js";
import { reductionLowerings } from "./reductions.js";
import { shapeLowerings } from "./shape.js";
import { fusedWindowLowerings, windowLowerings } from "./windows.js";

export const lowerings: ReadonlyMap<string, Lowering> = new Map(
  Object.entries({
    ...elementwiseLowerings,
    ...shapeLowerings,
    ...reductionLowerings,
    ...productLowerings,
    ...windowLowerings,
    ...learningLowerings,
  }),
);

/** Ops that only `fuse` puts into an entry; a planner never sees them. */
export const fusedLowerings: ReadonlyMap<string, Lowering> = new Map(
  Object.entries({ ...fusedElementwiseLowerings, ...fusedWindowLowerings }),
);
