/** Chooses a backend at run time by measuring, and says why. */
import type { Backend } from "./backend.js";
import { captureWhole } from "./capture.js";
import { pickBy } from "./pick/pick-by.js";
import type { PickOptions } from "./pick/pick-options.js";
import type { PickedDevice } from "./pick/picked-device.js";

export type { Candidate, CandidateFigures } from "./pick/candidate.js";
export type { ChoiceStore } from "./pick/choice-cache.js";
export type { PickOptions } from "./pick/pick-options.js";
export type { PickedDevice } from "./pick/picked-device.js";

/**
 * Opens the backend that will have done the work first: the least of open + compile + steps × time per step, as
 * measured on the user's own program. Before a device is trusted it must solve small training problems with
 * known answers. Losers are closed. The choice is kept: asked again, it is there at once, and the device
 * opens while the program is being captured. `fastest` does not wait for the measuring.
 * @throws BackendUnavailable when none works, with each one's reason and hint, or none is ready within `budgetMs`;
 * BadArgument; UnsupportedModel; Aborted
 */
export async function pickFastest(
  backends: readonly Backend[],
  options: PickOptions = {},
): Promise<PickedDevice> {
  return pickBy(captureWhole, backends, options);
}
