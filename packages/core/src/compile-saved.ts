/** A saved model becomes a session on a device: what `compile` does with one, without anything of tfjs. */
import { checkAborted, untilAborted } from "./abort.js";
import type { Backend, Device } from "./backend.js";
import { checkDevice, localDevice } from "./compile-device.js";
import { HoneError } from "./errors.js";
import { FAILOVER_OPTION, failoverFor } from "./failover-for.js";
import type { Optimizer } from "./graph/optimizer.js";
import type { FailoverOptions } from "./run/failover.js";
import {
  checkOptions,
  isAnything,
  isBoolean,
  isObject,
  type OtherNames,
  SIGNAL_OPTION,
} from "./run/options.js";
import { capturedOf, isSavedModel, type SavedModel, weightsIn } from "./run/saved-model.js";
import { Session } from "./run/session.js";
import { isSlot } from "./run/snapshots.js";
import { checkedSeed } from "./run/whole-number.js";

/** How a saved model is trained on, and on what. */
export interface SavedCompileOptions {
  /** What `fastest`, `pickFastest` or a backend's `open` gives. */
  readonly device: Device;
  /** True predicts up to 8 rows on the calling thread, as `compile` of @hone/core says. */
  readonly latency?: boolean;
  /** What to go on with when the device is lost, as `compile` of @hone/core says. */
  readonly failover?: readonly Backend[] | FailoverOptions | false;
  /** The model's own, slots with it, unless given; another one begins without slots. */
  readonly optimizer?: Optimizer;
  /** The model's own unless given. */
  readonly seed?: number;
  /** Ends it where it waits. */
  readonly signal?: AbortSignal;
}

const OPTIONS = {
  device: { is: isObject, wanted: "what `fastest`, `pickFastest` or a backend's `open` gives" },
  latency: { is: isBoolean, wanted: "true or false" },
  failover: FAILOVER_OPTION,
  optimizer: { is: isObject, wanted: "an optimizer, as adam(1e-3)" },
  seed: { is: isAnything, wanted: "a whole number" },
  signal: SIGNAL_OPTION,
};

const OTHERS: OtherNames = {
  loss: "A saved model has its own: compile the tf.LayersModel for another",
  metrics: "A saved model has its own: compile the tf.LayersModel for others",
};

/** @throws as `compile` */
export async function compileSaved(
  model: SavedModel,
  options: SavedCompileOptions,
): Promise<Session<SavedModel>> {
  checkDevice(options?.device);
  checkOptions("compile", options, OPTIONS, OTHERS);
  checkAborted(options.signal, "compile");
  const { device, latency, optimizer, seed } = options;
  if (seed !== undefined) checkedSeed(seed);
  const captured = capturedOf(model, options);
  const localOf = async (of: Device) => (latency ? localDevice(of) : undefined);
  return new Session<SavedModel>({
    device,
    name: model.name,
    classNames: model.classNames,
    inputs: model.traced.inputs,
    capture: () => captured,
    writeBack: notOfTfjs,
    valuesOf: (given) => (isSavedModel(given) ? weightsIn(given) : []),
    local: await untilAborted(localOf(device), options.signal, "compile"),
    localOf,
    failover: failoverFor(device, options.failover),
    resume: beginning(model, optimizer, seed),
    encode: encodeSaved,
  });
}

/** A file's writer, which only who saves loads. */
export async function encodeSaved(saved: SavedModel) {
  return (await import("./io/saved-model-writer.js")).encodeSavedModel(saved);
}

/** The state to begin with: another optimizer has no slots yet, and so no steps behind it. */
function beginning(
  { state }: SavedModel,
  optimizer: Optimizer | undefined,
  seed: number | undefined,
): SavedModel["state"] {
  const own = { ...state, seed: seed ?? state.seed };
  if (optimizer === undefined) return own;
  const weights = Object.entries(state.tensors).filter(([name]) => !isSlot(name));
  return { ...own, optimizer, step: 0, tensors: Object.fromEntries(weights) };
}

function notOfTfjs(): never {
  const what =
    "the session is that of a saved model, which has no tf.LayersModel. Take `weights()`, or `save()` it.";
  throw new HoneError("BadArgument", "writeBack", what);
}
