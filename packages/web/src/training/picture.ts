/** What a training looks like from outside: plain values, replaced as it goes on. */
import type { EpochEnd, Progress, Weight } from "@hone/core/runtime";
import type { PlainDataset } from "@hone/data";
import { Curve } from "./curve.js";
import type { Judged } from "./judged.js";
import type { Settings } from "./settings.js";

/** `stopped` may go on in the middle; `done` is over. */
export type Phase = "idle" | "preparing" | "training" | "paused" | "stopped" | "done" | "failed";

export interface EpochRow {
  readonly record: EpochEnd;
  /** On the test set, after so many steps; undefined until that is known. */
  readonly judged:
    | { readonly loss: number; readonly accuracy: number; readonly step: number }
    | undefined;
}

export interface TrainingPicture {
  readonly phase: Phase;
  /** Of this training; where its data could not be had, those that can begin at once. */
  readonly settings: Settings | undefined;
  /** While it prepares: what it waits for. */
  readonly doing: string;
  /** Steps taken since it began here. */
  readonly steps: number;
  readonly losses: Curve;
  /** Of the steps since the reply before. */
  readonly accuracies: Curve;
  readonly progress: Progress | undefined;
  readonly epochs: readonly EpochRow[];
  readonly judged: Judged | undefined;
  /** After the last epoch. */
  readonly weights: readonly Weight[];
  readonly moves: readonly string[];
  /** The data whose first pictures are shown; undefined until it is there. */
  readonly taste: PlainDataset | undefined;
}

export function emptyPicture(): TrainingPicture {
  return {
    phase: "idle",
    settings: undefined,
    doing: "",
    steps: 0,
    losses: new Curve(),
    accuracies: new Curve(),
    progress: undefined,
    epochs: [],
    judged: undefined,
    weights: [],
    moves: [],
    taste: undefined,
  };
}
