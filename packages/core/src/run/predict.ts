/** Outputs for rows the caller holds. */
import { HoneError } from "../errors.js";
import { sizeOf } from "../graph/geometry.js";
import { predictionStep } from "../graph/steps.js";
import { atBatch } from "../graph/template.js";
import type { Shape } from "../graph/types.js";
import type { TypedArray } from "../typed-array.js";
import type { Engine } from "./engine.js";
import type { LocalPredictions } from "./local-predictions.js";

/** Rows ready for the model: [rows, …inputShape], row-major, already scaled. */
export interface Rows {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

const LARGEST_BATCH = 256;
const ONE_STEP = { first: 0, steps: 1 };

/**
 * @param local answers when there are few rows; without it the engine does
 * @returns [rows, …outputShape] @throws ShapeMismatch unless the rows are of the model's input size;
 * BadData for values that are not finite
 */
export async function predict(engine: Engine, rows: Rows, local?: LocalPredictions): Promise<Rows> {
  const { inputShape, outputShape } = engine.model;
  const inputSize = sizeOf(inputShape);
  const count = countRows(rows, inputShape, inputSize);
  const answering = local ? await local.engineFor(count) : engine;
  const shape = [count, ...outputShape];
  if (count <= LARGEST_BATCH) {
    return { data: await predictBatch(answering, rows.data, count, inputSize), shape };
  }
  const outputSize = sizeOf(outputShape);
  const outputs = new Float32Array(count * outputSize);
  for (let done = 0; done < count; done += LARGEST_BATCH) {
    const taken = Math.min(LARGEST_BATCH, count - done);
    const some = rows.data.subarray(done * inputSize, (done + taken) * inputSize);
    outputs.set(await predictBatch(answering, some, taken, inputSize), done * outputSize);
  }
  return { data: outputs, shape };
}

/** Outputs of at most LARGEST_BATCH rows: an array of their own. */
async function predictBatch(
  engine: Engine,
  data: Float32Array,
  count: number,
  inputSize: number,
): Promise<Float32Array> {
  if (count === 0) return new Float32Array(0);
  const batch = engine.mixesRows ? count : 2 ** Math.ceil(Math.log2(count));
  const key = `predict@${batch}`;
  const build = () => predictionStep(atBatch(engine.model.inference, batch));
  const { name } = engine.prepared(key) ?? (await engine.prepare(key, key, build));
  const { executable } = engine;
  executable.write(`input@${batch}`, batch === count ? data : padded(data, batch * inputSize));
  executable.run(name, ONE_STEP);
  const [values] = (await executable.read([`output@${batch}`])) as [TypedArray];
  const rows = batch === count ? values : values.slice(0, (values.length / batch) * count);
  return rows instanceof Float32Array ? rows : Float32Array.from(rows);
}

function padded(data: Float32Array, length: number): Float32Array {
  const whole = new Float32Array(length);
  whole.set(data);
  return whole;
}

/** @throws ShapeMismatch, BadData */
function countRows({ data, shape }: Rows, inputShape: Shape, inputSize: number): number {
  const count = data.length / inputSize;
  const oneRow = sizeOf(shape) === inputSize && shape[0] !== 1;
  const rowSize = oneRow ? inputSize : sizeOf(shape.slice(1));
  if (rowSize !== inputSize || sizeOf(shape) !== data.length || !Number.isInteger(count)) {
    throw new HoneError(
      "ShapeMismatch",
      "predict",
      `got ${data.length} values of shape [${shape}], the model takes [rows,${inputShape}]. Reshape the rows.`,
    );
  }
  const index = firstNotFinite(data);
  if (index >= 0) {
    throw new HoneError(
      "BadData",
      "predict",
      `row ${Math.floor(index / inputSize)} holds ${data[index]}. Replace it by a finite number.`,
    );
  }
  return count;
}

/**
 * Index of the first NaN or infinity, or −1. Zero times either is NaN, so four sums that need not wait
 * for one another tell whether there is any: the check costs a fifth of asking each number.
 */
function firstNotFinite(data: Float32Array): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  const whole = data.length & ~3;
  for (let index = 0; index < whole; index += 4) {
    a += 0 * (data[index] as number);
    b += 0 * (data[index + 1] as number);
    c += 0 * (data[index + 2] as number);
    d += 0 * (data[index + 3] as number);
  }
  for (let index = whole; index < data.length; index++) a += 0 * (data[index] as number);
  return a + b + c + d === 0 ? -1 : data.findIndex((value) => !Number.isFinite(value));
}
