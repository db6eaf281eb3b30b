/** Ops of steps, which no model has. */
import type { OpFamily } from "./definition.js";
import { learningOps } from "./learning.js";
import { mapOps } from "./map.js";

export const stepOps: readonly OpFamily[] = [learningOps, mapOps];
