import type { Checkpoint } from "./checkpoint.js";

/** The states of sessions whose devices were lost, by the error that told of it: not an own property that structured cloning or a logger would copy: it may hold megabytes. */
export const states = new WeakMap<Error, () => Checkpoint>();
