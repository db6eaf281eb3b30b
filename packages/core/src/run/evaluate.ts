/** Runs a data set through the model without dropout and without learning. */
import { HoneError, invariant } from "../errors.js";
import { sizeOf } from "../graph/geometry.js";
import { evaluationStep, type LossSpec } from "../graph/steps.js";
import { atBatch } from "../graph/template.js";
import type { Entry, Operand } from "../plan/program.js";
import { checkAborted } from "./abort.js";
import { type ClassFigures, classify } from "./classification.js";
import { type Dataset, soleLabels, validateDataset, validateLabels } from "./dataset.js";
import { dataSpec, type Engine } from "./engine.js";
import { wholeNumber } from "./whole-number.js";

export interface EvaluateOptions {
  readonly batchSize?: number;
  readonly signal?: AbortSignal;
}

export interface Evaluation {
  /** Mean of the example losses; penalties on weights are not part of it, as in tfjs. */
  readonly loss: number;
  /** Share of right answers; NaN for a regression. */
  readonly accuracy: number;
  /** `confusion[actual][predicted]`: rows. Empty for a regression. */
  readonly confusion: readonly (readonly number[])[];
  readonly perClass: readonly ClassFigures[];
  /** The class given to each row; with several outputs of their own a row, to each output. Empty for a regression. */
  readonly predicted: Int32Array;
  /** What the model gave, [rows, …outputShape], row-major. */
  readonly outputs: Float32Array;
}

const DEFAULT_BATCH = 256;
const RING_ELEMENTS = 2 ** 18;
const RING_LENGTH = 64;

/** The steps that one entry takes: all whole batches, or the short last one. */
interface Stretch {
  readonly entry: Entry;
  readonly rows: number;
  readonly first: number;
  readonly steps: number;
}

/**
 * Makes the entries ready that `evaluate` runs.
 * @throws ShapeMismatch when data and model do not go together
 */
export async function prepareEvaluation(
  engine: Engine,
  loss: LossSpec,
  dataset: Dataset,
  wantedBatchSize = DEFAULT_BATCH,
): Promise<readonly Stretch[]> {
  const batchSize = Math.min(wantedBatchSize, dataset.rows);
  const data = dataSpec(dataset);
  const whole = Math.floor(dataset.rows / batchSize);
  const stretches: Stretch[] = [];
  for (const [rows, first, steps] of [
    [batchSize, 0, whole],
    [dataset.rows % batchSize, whole, 1],
  ] as const) {
    if (rows === 0) continue;
    const width = rows * (sizeOf(engine.model.outputShape) + 1);
    const ringLength = Math.max(1, Math.min(RING_LENGTH, Math.floor(RING_ELEMENTS / width)));
    const key = JSON.stringify(["evaluate", rows, batchSize, data]);
    const options = { ...loss, data, stride: batchSize, ringLength };
    const entry = await engine.prepare(`evaluate@${rows}`, key, () =>
      evaluationStep(atBatch(engine.model.inference, rows), options),
    );
    stretches.push({ entry, rows, first, steps });
  }
  return stretches;
}

/** @throws ShapeMismatch when data and model do not go together; BadArgument; BadData; Aborted */
export async function evaluate(
  engine: Engine,
  loss: LossSpec,
  dataset: Dataset,
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  const batchSize = wholeNumber("batchSize", options.batchSize ?? DEFAULT_BATCH);
  checkData(engine, loss, dataset);
  const stretches = await prepareEvaluation(engine, loss, dataset, batchSize);
  const rowSize = sizeOf(engine.model.outputShape);
  const outputs = new Float32Array(dataset.rows * rowSize);
  let lossSum = 0;
  let rowsSeen = 0;
  const data = await engine.hold(dataset);
  try {
    for (const { entry, rows, first, steps } of stretches) {
      const [ring, { shape }] = ringOf(entry);
      const [ringLength, width] = shape as [number, number];
      const losses = width - rows * rowSize;
      for (let done = 0; done < steps; ) {
        checkAborted(options.signal);
        const count = Math.min(ringLength, steps - done);
        data.run(entry.name, { first: first + done, steps: count });
        const [values] = (await engine.executable.read([ring])) as [Float32Array];
        for (let index = 0; index < count; index++) {
          const start = ((first + done + index) % ringLength) * width;
          let stepSum = 0;
          for (let at = 0; at < losses; at++) stepSum += values[start + at] as number;
          // A loss that is one number for the whole batch counts for all rows of it.
          lossSum += (stepSum / losses) * rows;
          outputs.set(values.subarray(start + losses, start + width), rowsSeen * rowSize);
          rowsSeen += rows;
        }
        done += count;
      }
    }
  } finally {
    data.release();
  }
  const columns = engine.model.outputShape.at(-1) ?? 1;
  const judged = loss.accuracy
    ? classify(loss.accuracy, outputs, columns, soleLabels(dataset, "evaluate"))
    : { accuracy: Number.NaN, confusion: [], perClass: [], predicted: new Int32Array(0) };
  return { loss: lossSum / rowsSeen, ...judged, outputs };
}

function ringOf({ name, buffers }: Entry): [string, Operand] {
  const found = Object.entries(buffers).find(([buffer]) => buffer.startsWith("evaluation:"));
  invariant(found, name, "it records nothing");
  return found;
}

/** @throws BadData for values that are not finite and for labels without a class in the model */
export function checkData(
  { model }: Pick<Engine, "model">,
  { accuracy }: LossSpec,
  dataset: Dataset,
): void {
  validateDataset(dataset);
  if (accuracy !== "sparse") return;
  if (soleLabels(dataset, "the loss").data instanceof Float32Array) {
    throw new HoneError(
      "BadData",
      `data set "${dataset.name}"`,
      "column y is float32, but the loss takes class indices. Give whole numbers as Uint8Array or Int32Array, or another loss.",
    );
  }
  validateLabels(dataset, model.outputShape.at(-1) ?? 1);
}
