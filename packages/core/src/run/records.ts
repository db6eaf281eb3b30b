/** What training tells as it goes, and what it leaves behind. Plain data. */

/** Some steps are done. */
export interface Progress {
  readonly kind: "progress";
  /** From 1. */
  readonly epoch: number;
  readonly epochs: number;
  /** Steps done in this epoch, of `steps`. */
  readonly step: number;
  readonly steps: number;
  /** The loss of each step since the record before. */
  readonly losses: Float32Array;
  /** Share of right answers in this epoch so far; NaN for a regression. */
  readonly accuracy: number;
  readonly imagesPerSecond: number;
  /** To the end of the last epoch. */
  readonly secondsLeft: number;
}

/** An epoch is done, its validation too. */
export interface EpochEnd {
  readonly kind: "epoch-end";
  /** From 1. */
  readonly epoch: number;
  readonly epochs: number;
  /** Mean over the epoch's examples, of the losses their steps had. */
  readonly loss: number;
  readonly accuracy: number;
  readonly validationLoss?: number;
  readonly validationAccuracy?: number;
  /** Training alone: gather included; compilation and validation excluded. */
  readonly seconds: number;
  readonly imagesPerSecond: number;
  /** Set on the last epoch when early stopping ended training; weights are those of `bestEpoch`. */
  readonly stopped?: { readonly reason: string; readonly bestEpoch: number };
}

export type TrainingRecord = Progress | EpochEnd;

/** As tfjs's History, under tfjs's names. */
export interface History {
  readonly epoch: readonly number[];
  readonly history: Readonly<Record<string, readonly number[]>>;
  readonly seconds: readonly number[];
  readonly imagesPerSecond: number;
  readonly steps: number;
  readonly stopped?: EpochEnd["stopped"];
}

/** Collects epochs into a history. @param steps taken in all, @param images seen in all */
export function historyOf(epochs: readonly EpochEnd[], steps: number, images: number): History {
  const history: Record<string, number[]> = { loss: epochs.map(({ loss }) => loss) };
  const optional = (name: string, values: readonly (number | undefined)[]) => {
    const known = values.filter(
      (value): value is number => value !== undefined && !Number.isNaN(value),
    );
    if (known.length > 0 && known.length === epochs.length) history[name] = known;
  };
  optional(
    "acc",
    epochs.map(({ accuracy }) => accuracy),
  );
  optional(
    "val_loss",
    epochs.map(({ validationLoss }) => validationLoss),
  );
  optional(
    "val_acc",
    epochs.map(({ validationAccuracy }) => validationAccuracy),
  );
  const seconds = epochs.map((epoch) => epoch.seconds);
  const stopped = epochs.at(-1)?.stopped;
  return {
    epoch: epochs.map(({ epoch }) => epoch),
    history,
    seconds,
    imagesPerSecond: images / seconds.reduce((sum, value) => sum + value, 0),
    steps,
    ...(stopped ? { stopped } : {}),
  };
}
