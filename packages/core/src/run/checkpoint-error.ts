/** The state that a session had when its device was lost, for whoever catches the error. */
import { HoneError, isHoneError } from "../errors.js";
import type { Checkpoint } from "./checkpoint.js";

/** Not an own property that structured cloning or a logger would copy: it may hold megabytes. */
const states = new WeakMap<Error, () => Checkpoint>();

/**
 * The last state of a session whose device was lost, out of the error that told of it: give it to `compile` as `resume`.
 * @returns undefined for any other error
 * @throws BadArgument for a training that no checkpoint can hold, since a function decides it
 */
export function checkpointIn(error: unknown): Checkpoint | undefined {
  return error instanceof Error ? states.get(error)?.() : undefined;
}

/** @param step taken when the state was kept @param make called when somebody asks for it */
export function withCheckpoint(error: HoneError, step: number, make: () => Checkpoint): HoneError {
  if (!isHoneError(error, "DeviceLost")) return error;
  const told = error.message.replace(/^\[hone\] /, "");
  const [where = "", ...what] = told.split(": ");
  const steps = `${step} ${step === 1 ? "step" : "steps"}`;
  const help = `Its state after ${steps} is kept: compile with \`resume: checkpointIn(error)\` on another device, or give \`failover: [wasm(), cpu()]\` to go on by itself.`;
  const kept = new HoneError("DeviceLost", where, `${what.join(": ")} ${help}`, { cause: error });
  states.set(kept, make);
  return kept;
}
