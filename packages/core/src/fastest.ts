/** The first device that works, at once; the fastest one as soon as it is known. */
import type { Backend } from "./backend.js";
import { captureWhole } from "./capture.js";
import { fastestBy } from "./fastest/fastest-by.js";
import type { PickOptions } from "./pick/pick-options.js";
import type { PickedDevice } from "./pick/picked-device.js";

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
  return fastestBy(captureWhole, backends, options);
}
