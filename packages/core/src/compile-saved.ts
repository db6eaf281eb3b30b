/** A saved model becomes a session on a device: what `compile` does with one, without anything of tfjs. */
import { checkAborted, untilAborted } from "./abort.js";
import type { Backend, Device } from "./backend.js";
import { checkDevice, localDevice } from "./compile-device.js";
import { HoneError } from "./errors.js";
import { FAILOVER_OPTION, failoverFor } from "./failover-for.js";
import type { Optimizer } from "./graph/optimizer.js";
import { encodeSaved } from "./io/encode-saved.js";
import type { Checkpoint, SessionCheckpoint } from "./run/checkpoint.js";
import { isSlot } from "./run/checkpoint-tensors.js";
import type { FailoverOptions } from "./run/failover.js";
import {
  checkOptions,
  isAnything,
  isBoolean,
  isObject,
  type OtherNames,
  SIGNAL_OPTION,
} from "./run/options.js";
import {
  capturedOf,
  isSavedModel,
  readyFor,
  type SavedModel,
  weightsIn,
} from "./run/saved-model.js";
import { Session } from "./run/session.js";
import type { Captured } from "./run/session-model.js";
import { checkTensors } from "./run/tensor-checks.js";
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
  /**
   * A checkpoint to go on from, in place of the model's own state: of any session of this model, also of one that was
   * compiled from the tf.LayersModel. Optimizer and seed are its own unless given.
   */
  readonly resume?: Checkpoint;
  /** Ends it where it waits. */
  readonly signal?: AbortSignal;
}

const OPTIONS = {
  device: { is: isObject, wanted: "what `fastest`, `pickFastest` or a backend's `open` gives" },
  latency: { is: isBoolean, wanted: "true or false" },
  failover: FAILOVER_OPTION,
  optimizer: { is: isObject, wanted: "an optimizer, as adam(1e-3)" },
  seed: { is: isAnything, wanted: "a whole number" },
  resume: { is: isObject, wanted: "a checkpoint" },
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
  const { device, latency, seed } = options;
  if (seed !== undefined) checkedSeed(seed);
  checkTensors(model.state.tensors, model.traced.weights, "weight");
  const { captured, state } = options.resume
    ? await resumed(model, options, options.resume)
    : { captured: capturedOf(model, options), state: beginning(model, options) };
  await untilAborted(readyFor(model), options.signal, "compile");
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
    failover: await failoverFor(device, options.failover),
    resume: state,
    encode: encodeSaved,
  });
}

/** The state to begin with: another optimizer has no slots yet, and so no steps behind it. */
function beginning(
  { state }: SavedModel,
  { optimizer, seed }: SavedCompileOptions,
): SessionCheckpoint {
  const own = { ...state, seed: seed ?? state.seed };
  if (optimizer === undefined) return own;
  const weights = Object.entries(state.tensors).filter(([name]) => !isSlot(name));
  return { ...own, optimizer, step: 0, tensors: Object.fromEntries(weights) };
}

/** The state of a checkpoint, which must be of this model. What looks at it is loaded by who has one. */
async function resumed(
  model: SavedModel,
  options: SavedCompileOptions,
  given: Checkpoint,
): Promise<{ readonly captured: Captured; readonly state: SessionCheckpoint }> {
  const { checkResumed, resumable } = await import("./run/session-keeping.js");
  const state = resumable(given);
  const { optimizer = state.optimizer, seed = state.seed } = options;
  const captured = capturedOf(model, { optimizer, seed });
  checkResumed(state, captured);
  return { captured, state };
}

function notOfTfjs(): never {
  const what =
    "the session is that of a saved model, which has no tf.LayersModel. Take `weights()`, or `save()` it.";
  throw new HoneError("BadArgument", "writeBack", what);
}
