/** The state that a session had when its device was lost, as the error keeps it. */
import type { Checkpoint } from "./checkpoint.js";
import { states } from "./lost-states.js";

/**
 * The last state of a session whose device was lost, out of the error that told of it: give it to `compile` as `resume`.
 * @returns undefined for any other error
 * @throws BadArgument for a training that no checkpoint can hold, since a function decides it
 */
export function checkpointIn(error: unknown): Checkpoint | undefined {
  return error instanceof Error ? states.get(error)?.() : undefined;
}
