/** `fastest` and `pickFastest` for saved models, without anything of tfjs. */
import type { Backend } from "./backend.js";
import { HoneError } from "./errors.js";
import { fastestBy } from "./fastest/fastest-by.js";
import type { Optimizer } from "./graph/optimizer.js";
import { pickBy } from "./pick/pick-by.js";
import type { PickOptions } from "./pick/pick-options.js";
import type { PickedDevice } from "./pick/picked-device.js";
import type { SavedModel } from "./run/saved-model.js";

/** What the choosers may be told of a saved model. */
export interface SavedPickOptions
  extends Omit<
    PickOptions,
    "for" | "optimizer" | "loss" | "lossWeights" | "metrics" | "labelShape" | "inputShape"
  > {
  /** What `openModel` gave. Without one nothing is timed: the choice goes by kind. */
  readonly for?: SavedModel;
  /** As in `compile`. */
  readonly optimizer?: Optimizer;
}

/**
 * The first device that works, at once; the fastest one as soon as it is known: `fastest` of @hone/core.
 * @throws BackendUnavailable, BadArgument, Aborted
 */
export async function fastest(
  backends: readonly Backend[],
  options: SavedPickOptions = {},
): Promise<PickedDevice> {
  return fastestBy(refuse, backends, options);
}

/**
 * The backend that will have done the work first, as measured: `pickFastest` of @hone/core.
 * @throws BackendUnavailable, BadArgument, Aborted
 */
export async function pickFastest(
  backends: readonly Backend[],
  options: SavedPickOptions = {},
): Promise<PickedDevice> {
  return pickBy(refuse, backends, options);
}

async function refuse(): Promise<never> {
  const what =
    "it is no saved model. Give what `openModel` gave; for a tf.LayersModel take the same function of @hone/core.";
  throw new HoneError("BadArgument", "for", what);
}
