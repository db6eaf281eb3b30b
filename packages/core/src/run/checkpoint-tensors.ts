/** Which tensors a checkpoint has, by their names. */
import type { TypedArray } from "../typed-array.js";
import type { SavedTensor } from "./checkpoint.js";

/** Weights and slots by the names of their buffers. */
export type StateTensors = ReadonlyMap<string, TypedArray>;

/** The tensor of the epoch's figures so far. */
export const SUMS = "sums";

/** Whether a tensor of that name is an optimizer's slot. */
export const isSlot = (name: string) => name.startsWith("slot.");

/** Weights and slots of a checkpoint. */
export function stateOf(tensors: Readonly<Record<string, SavedTensor>>): StateTensors {
  const kept = Object.entries(tensors).filter(([name]) => !/^(sums$|best\/|start\/)/.test(name));
  return new Map(kept.map(([name, { data }]) => [name, data]));
}
