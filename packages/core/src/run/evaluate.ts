/** Runs a data set through the model without dropout and without learning. */
import { HoneError } from "../errors.js";
import { sizeOf } from "../graph/geometry.js";
import { evaluationStep, type LossSpec } from "../graph/steps.js";
import { atBatch } from "../graph/template.js";
import { checkAborted } from "./abort.js";
import { type ClassFigures, classify } from "./classification.js";
import { type Dataset, validateDataset, validateLabels } from "./dataset.js";
import { dataSpec, type Engine } from "./engine.js";

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
  /** The class given to each row. Empty for a regression. */
  readonly predicted: Int32Array;
  /** What the model gave, [rows, …outputShape], row-major. */
  readonly outputs: Float32Array;
}

const RING_ELEMENTS = 2 ** 18;
const RING_LENGTH = 64;

/** @throws ShapeMismatch when data and model do not go together; Aborted */
export async function evaluate(
  engine: Engine,
  loss: LossSpec,
  dataset: Dataset,
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  checkData(engine, loss, dataset);
  const batchSize = Math.min(options.batchSize ?? 256, dataset.rows);
  const data = dataSpec(dataset);
  const rowSize = sizeOf(engine.model.outputShape);
  const outputs = new Float32Array(dataset.rows * rowSize);
  let lossSum = 0;
  let lossCount = 0;

  /** Runs `steps` steps of `rows` rows from step `first`; a ring's worth at a time. */
  const run = async (rows: number, first: number, steps: number): Promise<void> => {
    if (rows === 0 || steps === 0) return;
    const model = atBatch(engine.model.inference, rows);
    const width = rows * (rowSize + 1);
    const ringLength = Math.max(1, Math.min(RING_LENGTH, Math.floor(RING_ELEMENTS / width)));
    const key = JSON.stringify(["evaluate", rows, batchSize, data]);
    const entry = await engine.prepare(`evaluate@${rows}`, key, () =>
      evaluationStep(model, { ...loss, data, stride: batchSize, ringLength }),
    );
    await engine.use(dataset);
    const ring = Object.keys(entry.buffers).find((name) =>
      name.startsWith("evaluation:"),
    ) as string;
    const losses = (entry.buffers[ring]?.shape[1] as number) - rows * rowSize;
    for (let done = 0; done < steps; ) {
      checkAborted(options.signal);
      const count = Math.min(ringLength, steps - done);
      engine.executable.run(entry.name, { first: first + done, steps: count });
      const [values] = (await engine.executable.read([ring])) as [Float32Array];
      for (let index = 0; index < count; index++) {
        const step = first + done + index;
        const start = (step % ringLength) * (losses + rows * rowSize);
        for (let at = 0; at < losses; at++) lossSum += values[start + at] as number;
        outputs.set(
          values.subarray(start + losses, start + losses + rows * rowSize),
          step * batchSize * rowSize,
        );
      }
      lossCount += losses * count;
      done += count;
    }
  };
  const whole = Math.floor(dataset.rows / batchSize);
  await run(batchSize, 0, whole);
  await run(dataset.rows % batchSize, whole, 1);

  const columns = engine.model.outputShape.at(-1) as number;
  const judged = loss.accuracy
    ? classify(loss.accuracy, outputs, columns, dataset.columns.y)
    : { accuracy: Number.NaN, confusion: [], perClass: [], predicted: new Int32Array(0) };
  return { loss: lossSum / lossCount, ...judged, outputs };
}

/** @throws BadData for values that are not finite and for labels without a class in the model */
export function checkData(engine: Engine, { accuracy }: LossSpec, dataset: Dataset): void {
  validateDataset(dataset);
  if (accuracy !== "sparse") return;
  if (dataset.columns.y.data instanceof Float32Array) {
    throw new HoneError(
      "BadData",
      `data set "${dataset.name}"`,
      "column y is float32, but the loss takes class indices. Give whole numbers as Uint8Array or Int32Array, or another loss.",
    );
  }
  validateLabels(dataset, engine.model.outputShape.at(-1) as number);
}
