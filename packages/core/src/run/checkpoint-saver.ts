/** Keeps checkpoints of a training as it goes, beside it: one at a time, and seldom enough to cost it next to nothing. */
import { messageOf } from "../value-text.js";
import type { Checkpoint } from "./checkpoint.js";
import type { CheckpointOptions } from "./checkpoint-options.js";

const DEFAULT_EVERY_MS = 30_000;
/** At most this share of the time goes into checkpoints. */
const LARGEST_SHARE = 0.02;

export class CheckpointSaver {
  readonly #options: CheckpointOptions;
  readonly #take: () => Promise<Checkpoint>;
  readonly #warn: (warning: string) => void;
  #dueMs: number;
  #saving: Promise<void> | undefined;
  #failed = false;

  /** @param warn told once when a checkpoint cannot be kept; training goes on */
  constructor(
    options: CheckpointOptions,
    take: () => Promise<Checkpoint>,
    warn: (warning: string) => void,
  ) {
    this.#options = options;
    this.#take = take;
    this.#warn = warn;
    this.#dueMs = performance.now() + (options.everyMs ?? DEFAULT_EVERY_MS);
  }

  /** Begins to save one, if it is time. */
  look(): void {
    if (this.#saving || performance.now() < this.#dueMs) return;
    this.#saving = this.#save().finally(() => {
      this.#saving = undefined;
    });
  }

  /** Saves the state in which the training ends, or is left. */
  async finish(): Promise<void> {
    await this.#saving;
    await this.#save();
  }

  async #save(): Promise<void> {
    const beganMs = performance.now();
    try {
      await this.#options.to.save(await this.#take());
    } catch (error) {
      const again = this.#failed;
      this.#failed = true;
      if (!again)
        this.#warn(`a checkpoint could not be kept: ${messageOf(error)} Training goes on.`);
    }
    const nowMs = performance.now();
    const affordableMs = Math.max(DEFAULT_EVERY_MS, (nowMs - beganMs) / LARGEST_SHARE);
    this.#dueMs = nowMs + (this.#options.everyMs ?? affordableMs);
  }
}
