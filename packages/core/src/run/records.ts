/** What training tells as it goes, and what it leaves behind. Plain data. */

/** Figures by name. */
export type Figures = Readonly<Record<string, number>>;

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
  /** Loss and metrics of this epoch so far, in tfjs's spelling: `loss`, `acc`, `age_loss`. */
  readonly figures: Figures;
  /** `acc` of the only output; NaN where there is none. */
  readonly accuracy: number;
  /** Rows trained on a second, of this epoch. */
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
  /** Loss and metrics of the epoch, and of its validation as `val_…`, in tfjs's spelling and order. */
  readonly figures: Figures;
  /** `loss` of the figures: mean over the epoch's examples, of the losses their steps had. */
  readonly loss: number;
  /** `acc` of the figures; NaN where there is none. */
  readonly accuracy: number;
  readonly validationLoss?: number;
  readonly validationAccuracy?: number;
  /** Trained on in this epoch. */
  readonly rows: number;
  /** Training alone: gather included; compilation and validation excluded. */
  readonly seconds: number;
  readonly imagesPerSecond: number;
  /** On how many threads its steps ran, on average; only where the device has several and chooses. */
  readonly threads?: number;
  /** Where layers below all that trains were computed once for each row: which, their results' bytes, and how long that took. */
  readonly frozenFront?: {
    readonly layers: readonly string[];
    readonly bytes: number;
    readonly seconds: number;
  };
  /** Set on the last epoch when early stopping ended training; weights are those of `bestEpoch`. */
  readonly stopped?: { readonly reason: string; readonly bestEpoch: number };
}

/** Training goes on on another device. What was told of steps after `step` is told again. */
export interface Moved {
  readonly kind: "moved";
  /** The devices, as their descriptions have them. */
  readonly from: string;
  readonly to: string;
  /** Steps of the session that are kept: the next one is taken on the new device. */
  readonly step: number;
  /** True where the bits stay those that the first device would have given. */
  readonly sameArithmetic: boolean;
  readonly reason: string;
}

/** What `steps` gives in turn. */
export type TrainingRecord = Progress | EpochEnd | Moved;

/** As tfjs's History, under tfjs's names. */
export interface History {
  readonly epoch: readonly number[];
  readonly history: Readonly<Record<string, readonly number[]>>;
  readonly seconds: readonly number[];
  readonly imagesPerSecond: number;
  readonly steps: number;
  readonly stopped?: EpochEnd["stopped"];
}

/** Collects epochs into a history. @param steps taken in all */
export function historyOf(epochs: readonly EpochEnd[], steps: number): History {
  const history: Record<string, number[]> = {};
  for (const { figures } of epochs) {
    for (const [name, value] of Object.entries(figures)) {
      history[name] ??= [];
      history[name].push(value);
    }
  }
  const seconds = epochs.map((epoch) => epoch.seconds);
  const images = epochs.reduce((sum, { rows }) => sum + rows, 0);
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
