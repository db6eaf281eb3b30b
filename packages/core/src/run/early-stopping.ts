/** Decides, epoch by epoch, whether training still gets better. */
import { HoneError } from "../errors.js";
import type { EpochEnd } from "./records.js";

export interface EarlyStopping {
  /** tfjs's names; losses should fall, accuracies rise. */
  readonly monitor?: "loss" | "acc" | "val_loss" | "val_acc";
  /** Epochs without improvement that are borne before training stops. */
  readonly patience?: number;
  /** The least change that counts as an improvement. */
  readonly minDelta?: number;
}

export class StoppingRule {
  readonly monitor: NonNullable<EarlyStopping["monitor"]>;
  readonly #patience: number;
  readonly #minDelta: number;
  #best = Number.POSITIVE_INFINITY;
  bestEpoch = 0;

  constructor(options: EarlyStopping, hasValidation: boolean) {
    this.monitor = options.monitor ?? (hasValidation ? "val_loss" : "loss");
    this.#patience = options.patience ?? 3;
    this.#minDelta = options.minDelta ?? 0;
    if (this.monitor.startsWith("val_") && !hasValidation) {
      throw new HoneError(
        "BadArgument",
        "early stopping",
        `it watches ${this.monitor}, but there is no validation data. Give \`validation\`.`,
      );
    }
  }

  /** Takes an epoch in. @returns whether it is the best so far, and whether to stop after it */
  observe(epoch: EpochEnd): { readonly best: boolean; readonly stop: boolean } {
    const value = {
      loss: epoch.loss,
      acc: -epoch.accuracy,
      val_loss: epoch.validationLoss,
      val_acc: epoch.validationAccuracy === undefined ? undefined : -epoch.validationAccuracy,
    }[this.monitor];
    const best = value !== undefined && value < this.#best - this.#minDelta;
    if (best) {
      this.#best = value;
      this.bestEpoch = epoch.epoch;
    }
    return { best, stop: !best && epoch.epoch - this.bestEpoch >= this.#patience };
  }
}
