/** Outputs for rows the caller holds. */
import { HoneError } from "../errors.js";
import { sizeOf } from "../graph/geometry.js";
import { predictionStep } from "../graph/steps.js";
import { atBatch } from "../graph/template.js";
import type { Engine } from "./engine.js";

/** Rows ready for the model: [rows, …inputShape], row-major, already scaled. */
export interface Rows {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

const LARGEST_BATCH = 256;

/**
 * @returns [rows, …outputShape] @throws ShapeMismatch unless the rows are of the model's input size;
 * BadData for values that are not finite
 */
export async function predict(engine: Engine, rows: Rows): Promise<Rows> {
  const { inputShape, outputShape } = engine.model;
  const inputSize = sizeOf(inputShape);
  const outputSize = sizeOf(outputShape);
  const count = rows.data.length / inputSize;
  const oneRow = sizeOf(rows.shape) === inputSize && rows.shape[0] !== 1;
  const rowSize = oneRow ? inputSize : sizeOf(rows.shape.slice(1));
  if (
    rowSize !== inputSize ||
    sizeOf(rows.shape) !== rows.data.length ||
    !Number.isInteger(count)
  ) {
    throw new HoneError(
      "ShapeMismatch",
      "predict",
      `got ${rows.data.length} values of shape [${rows.shape}], the model takes [rows,${inputShape}]. Reshape the rows.`,
    );
  }
  const bad = rows.data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new HoneError(
      "BadData",
      "predict",
      `row ${Math.floor(bad / inputSize)} holds ${rows.data[bad]}. Replace it by a finite number.`,
    );
  }
  const outputs = new Float32Array(count * outputSize);
  for (let done = 0; done < count; ) {
    const left = count - done;
    const taken = Math.min(LARGEST_BATCH, left);
    const batch = engine.mixesRows ? taken : 2 ** Math.ceil(Math.log2(taken));
    const entry = await engine.prepare(`predict@${batch}`, `predict@${batch}`, () =>
      predictionStep(atBatch(engine.model.inference, batch)),
    );
    const input = new Float32Array(batch * inputSize);
    input.set(rows.data.subarray(done * inputSize, (done + taken) * inputSize));
    engine.executable.write(`input@${batch}`, input);
    engine.executable.run(entry.name, { first: 0, steps: 1 });
    const [values] = (await engine.executable.read([`output@${batch}`])) as [Float32Array];
    outputs.set(values.subarray(0, taken * outputSize), done * outputSize);
    done += taken;
  }
  return { data: outputs, shape: [count, ...outputShape] };
}
