/** The state that a session had when its device was lost, for whoever catches the error. */
import { HoneError, isHoneError } from "../errors.js";
import type { Checkpoint } from "./checkpoint.js";
import { states } from "./lost-states.js";

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
