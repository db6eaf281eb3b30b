/** What the house does for all that lives in it, views or not. */
import type { PickedDevice, SavedModel } from "@hone/core/runtime";

export interface Services {
  /**
   * The page's one device, opened when it is first asked for: the fastest for `model`, or the one that the visitor chose.
   * @throws BackendUnavailable
   */
  device(model?: SavedModel): Promise<PickedDevice>;
  /** `move` is called with each further device, and the one before lives until it has resolved. @returns what ends that */
  onSwitch(move: (device: PickedDevice) => Promise<unknown> | undefined): () => void;
  /** Said to who listens instead of looking; once, politely. */
  announce(text: string): void;
  /** What went wrong, in a line that can be put away. */
  notice(error: unknown): void;
}
