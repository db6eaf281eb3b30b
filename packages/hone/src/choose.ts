/** The choice of a device among Hone's own backends, or among those that are given. */
import {
  type Backend,
  fastest as fastestOf,
  type PickedDevice,
  type PickOptions,
  pickFastest as pickFastestOf,
} from "@hone/core";
import { backends as own } from "./backends.js";

/** What `fastest` and `pickFastest` choose among and for. */
export interface ChooseOptions extends PickOptions {
  /** Instead of Hone's own: WebGPU, WebAssembly and plain JavaScript. */
  readonly backends?: readonly Backend[];
}

/**
 * The first device that works, within a few hundred milliseconds; a session on it moves to a faster one where that pays.
 * @throws as `fastest` of `@hone/core`
 */
export async function fastest(options: ChooseOptions = {}): Promise<PickedDevice> {
  return choose(fastestOf, options);
}

/**
 * The fastest device, measured before it is given.
 * @throws as `pickFastest` of `@hone/core`
 */
export async function pickFastest(options: ChooseOptions = {}): Promise<PickedDevice> {
  return choose(pickFastestOf, options);
}

function choose(by: typeof fastestOf, given: ChooseOptions): Promise<PickedDevice> {
  // What is no object is refused where all options are.
  if (typeof given !== "object" || given === null) return by(own(), given);
  const { backends = own(), ...options } = given;
  return by(backends, options);
}
