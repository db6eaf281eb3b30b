/** What is asked of whoever races, Hone or tfjs, and the rows that all get. */
import { RandomStream } from "@hone/core";
import { cnn, mlp } from "@hone/core/models";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { BATCH_SIZE, type Heat, PREDICTED } from "./heats.js";

const PIXELS = 28 * 28;
const CLASSES = 10;
/** Steps whose losses are compared. */
const CHECKED_STEPS = 3;
const CHECKED_ROWS = 16;
/** Rows of the data set that is trained on. */
export const TRAINED_ROWS = 8 * BATCH_SIZE;
/** Of the steps that are compared. */
export const CHECKED_RATE = 0.05;

export interface Rows {
  readonly pixels: Float32Array;
  readonly labels: Int32Array;
  readonly count: number;
}

/** A network with the same first weights for all, in some library on some backend. */
export interface Racer {
  readonly device: string;
  /** Losses of one plain step after another, each on the next rows. */
  losses(batches: readonly Rows[]): Promise<number[]>;
  predict(rows: Rows): Promise<ArrayLike<number>>;
  /** Trains by Adam, waits for the end. */
  fit(rows: Rows, epochs: number): Promise<unknown>;
}

/** As it is in the zoo, without dropout: two who draw alike in different ways could not be compared. */
export function networkOf({ model }: Heat): LayersModel {
  return model === "cnn" ? cnn({ seed: 7, dropout: 0 }) : mlp({ seed: 7, dropout: 0 });
}

/** The shape of a row as the model takes it. */
export function rowShape(model: LayersModel): number[] {
  return (model.inputs[0]?.shape ?? []).slice(1).map((extent) => extent ?? 1);
}

/** Pictures of noise with a bright stripe for each class: what a network may learn. The same for all. */
export function rowsOf(count: number, seed: number): Rows {
  const random = new RandomStream(seed, 1);
  const labels = Int32Array.from({ length: count }, () => random.nextInteger(CLASSES));
  const pixels = Float32Array.from({ length: count * PIXELS }, (_, at) => {
    const line = Math.floor((at % PIXELS) / 28);
    const isBright = Math.floor(line / 3) === labels[Math.floor(at / PIXELS)];
    return 0.4 * random.nextFloat() + (isBright ? 0.6 : 0);
  });
  return { pixels, labels, count };
}

/** Rows whose answers are compared: batches of training, and some to predict. */
export function checkedRows(): { readonly batches: readonly Rows[]; readonly predicted: Rows } {
  return {
    batches: Array.from({ length: CHECKED_STEPS }, (_, step) => rowsOf(CHECKED_ROWS, 100 + step)),
    predicted: rowsOf(CHECKED_ROWS, 99),
  };
}

export const timedRows = (heat: Heat): Rows =>
  rowsOf(heat.task === "train" ? TRAINED_ROWS : PREDICTED, 1);
