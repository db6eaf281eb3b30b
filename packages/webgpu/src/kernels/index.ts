/** Every op this device implements, and the kernel that runs it. */
import { type Call, missingKernel } from "@hone/core/backend";
import { convolutions } from "./convolution.js";
import { elementwise } from "./elementwise.js";
import type { Dispatch, Kernel, Traits } from "./kernel.js";
import { losses } from "./loss.js";
import { maps } from "./map.js";
import { matmuls } from "./matmul.js";
import { pools } from "./pool.js";
import { reductions } from "./reduce.js";
import { shape } from "./shape.js";
import { training } from "./training.js";

const KERNELS = new Map<string, Kernel>(
  [elementwise, shape, reductions, matmuls, convolutions, pools, losses, maps, training].flatMap(
    (group) => Object.entries(group),
  ),
);

/** Op names, primitive and fused. */
export const OPS: readonly string[] = [...KERNELS.keys()];

/**
 * @param where names the call in errors
 * @throws LacksOp for an op that `OPS` does not list
 */
export function dispatchesOf(call: Call, traits: Traits, where: string): readonly Dispatch[] {
  const kernel = KERNELS.get(call.op);
  if (kernel) return kernel(call, traits);
  throw missingKernel("webgpu", where, call.op);
}
