/** Decides, epoch by epoch, whether training still gets better. */
import { HoneError } from "../errors.js";
import type { EpochEnd } from "./records.js";

const MONITORS = ["loss", "acc", "val_loss", "val_acc"] as const;

export interface EarlyStopping {
  /** tfjs's names; losses should fall, accuracies rise. */
  readonly monitor?: (typeof MONITORS)[number];
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

  /**
   * @param known what training will tell beside its loss
   * @throws BadArgument for what it could never see, or a patience that is no count
   */
  constructor(
    options: EarlyStopping,
    known: { readonly validation: boolean; readonly accuracy: boolean },
  ) {
    this.monitor = options.monitor ?? (known.validation ? "val_loss" : "loss");
    this.#patience = options.patience ?? 3;
    this.#minDelta = options.minDelta ?? 0;
    const { monitor } = this;
    if (!MONITORS.includes(monitor)) {
      refuse(`there is no figure "${monitor}". Watch one of ${MONITORS.join(", ")}`);
    }
    if (monitor.startsWith("val_") && !known.validation) {
      refuse(`it watches ${monitor}, but there is no validation data. Give \`validation\``);
    }
    if (monitor.endsWith("acc") && !known.accuracy) {
      refuse(`it watches ${monitor}, but this loss comes without accuracy. Watch a loss`);
    }
    if (!Number.isInteger(this.#patience) || this.#patience < 0) {
      refuse(`its patience is ${this.#patience}. Give a whole number of epochs`);
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

function refuse(what: string): never {
  throw new HoneError("BadArgument", "early stopping", `${what}.`);
}
