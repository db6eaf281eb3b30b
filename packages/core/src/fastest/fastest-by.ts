/** The first device that works, at once; the fastest one as soon as it is known. */
import type { Backend } from "../backend.js";
import { checkPicking, type PickOptions } from "../pick/pick-options.js";
import { type PickedDevice, picked } from "../pick/picked-device.js";
import { type Capture, deadlineOf, firstOf, PickRequest } from "../pick/request.js";
import { askAll, startFirst } from "../pick/start.js";
import { lookout } from "../run/lookout.js";
import type { SavedModel } from "../run/saved-model.js";
import type { LayersModelLike } from "../trace/tfjs-types.js";
import { Scout } from "./scout.js";

/** `fastest`, for models that `capture` knows and for saved ones. */
export async function fastestBy(
  capture: Capture,
  backends: readonly Backend[],
  options: PickOptions,
): Promise<PickedDevice> {
  const beganMs = performance.now();
  checkPicking("fastest", backends, options);
  const { for: model } = options;
  if (model === undefined) return firstWithout(backends, options);
  const request = new PickRequest("fastest", capture, backends, withModel(options, model));
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
