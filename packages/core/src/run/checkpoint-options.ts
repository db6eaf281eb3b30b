/** Where a training keeps checkpoints. */
import type { Checkpoint } from "./checkpoint.js";
import { isObject, type Option } from "./options.js";

/** What keeps checkpoints: a folder, a page's storage, or your own. */
export interface CheckpointStore {
  /** Keeps one, for good once it resolves; those before it may go. */
  save(checkpoint: Checkpoint): Promise<void>;
}

/** Where a training keeps its checkpoints, and when. */
export interface CheckpointOptions {
  readonly to: CheckpointStore;
  /** Milliseconds between two; unless given 30,000, and more where saving one takes longer than a fiftieth of that. */
  readonly everyMs?: number;
}

export const CHECKPOINTS_OPTION: Option = {
  is: (value) => {
    if (!isObject(value)) return false;
    const { to, everyMs } = value as Partial<CheckpointOptions>;
    const isStore = isObject(to) && typeof to?.save === "function";
    return isStore && (everyMs === undefined || (typeof everyMs === "number" && everyMs >= 0));
  },
  wanted: "{ to: a store with `save`, everyMs? }",
};
