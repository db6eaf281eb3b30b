/** What is said between `breakable` and the prelude of a worker that it may break. */

/** Ways that a worker's own thread must be asked for. */
export type Harm =
  | "spin"
  | "mute"
  | "throw"
  | "trap wasm"
  | "terminate helper"
  | "refuse allocation"
  | "destroy GPU device";

export interface HarmMessage {
  readonly harm: Harm;
}

/**
 * Sent once to the worker, and by it to the helper threads that it starts: a word of shared memory, which a thread that
 * looks at no messages can read.
 */
export interface FuseMessage {
  readonly fuse: Int32Array;
  /** Whether the thread burns with it. */
  readonly helper: boolean;
}

/** What a helper thread does when it next falls asleep, by the fuse's value. */
export const FUSE = { whole: 0, trap: 1, exit: 2 } as const;
