import type { SessionCheckpoint } from "./checkpoint.js";
import { checkedCheckpoint } from "./checkpoint-checks.js";
import { isOver, type RunOptions } from "./training-run.js";

/**
 * Whether the training in a checkpoint has come to its end, by its epochs or by early stopping, or there is none.
 * @throws BadArgument for what is no session's checkpoint
 */
export function hasEnded(checkpoint: SessionCheckpoint): boolean {
  const { training } = checkedCheckpoint(checkpoint, "session");
  if (training === undefined) return true;
  const { epoch, options, ended } = training;
  return isOver({ epoch, options: options as RunOptions, ended });
}
