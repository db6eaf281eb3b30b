/** The first device that works, at once; the fastest one as soon as it is known. */
import type { Backend } from "./backend.js";
import { Scout } from "./fastest/scout.js";
import { checkPicking, type PickOptions } from "./pick/pick-options.js";
import { type PickedDevice, picked } from "./pick/picked-device.js";
import { deadlineOf, firstOf, PickRequest } from "./pick/request.js";
import { askAll, startFirst } from "./pick/start.js";
import { lookout } from "./run/lookout.js";
import type { SavedModel } from "./run/saved-model.js";
import type { LayersModelLike } from "./trace/tfjs-types.js";

/**
 * Opens backends side by side and gives the first device that has solved small training problems with known answers: a few
 * hundred milliseconds. Once a session works on it, the others are measured beside that work as `pickFastest` does, at
 * most for a share of what is left; where one is faster by a margin that pays for the move, the session goes on there
 * between two steps, and a `moved` record tells the figures. `why` and `candidates` tell what is known so far, `settled` when
 * that is all. The choice is kept: asked again, the fastest one is there at once.
 *
 * Closing the device closes whatever else was opened.
 * @throws BackendUnavailable when none works, with each one's reason and hint, or none is ready within `budgetMs`;
 * BadArgument; UnsupportedModel; Aborted
 */
export async function fastest(
  backends: readonly Backend[],
  options: PickOptions = {},
): Promise<PickedDevice> {
  const beganMs = performance.now();
  checkPicking("fastest", backends, options);
  const { for: model } = options;
  if (model === undefined) return firstWithout(backends, options);
  const request = new PickRequest("fastest", backends, withModel(options, model));
  const known = await request.recalled();
  if (known) return known;
  const begun = await request.begin();
  const scout = new Scout(request, begun, performance.now() - beganMs);
  return picked(begun.first.device, {
    backends,
    told: () => scout.told,
    settled: scout.settled,
    cleanUp: () => scout.close(),
    more: { [lookout]: scout },
  });
}

/** Without a model there is nothing to measure: the first it stays. */
async function firstWithout(
  backends: readonly Backend[],
  options: PickOptions,
): Promise<PickedDevice> {
  const { signal, onProgress } = options;
  const where = "fastest";
  const deadline = deadlineOf(options);
  const parts = { where, graph: undefined, deadline, signal, onProgress };
  const started = await startFirst(askAll(backends), parts);
  const { first } = started;
  const told = firstOf(where, first, started.others("no model to time was given"));
  const closing = started.closeOthers();
  return picked(first.device, { backends, told: () => told, cleanUp: () => closing });
}

const withModel = (options: PickOptions, model: LayersModelLike | SavedModel) => ({
  ...options,
  for: model,
});
