/** Outputs for rows the caller holds. */
import { checkAborted } from "../abort.js";
import { isHoneError } from "../errors.js";
import { sizeOf } from "../graph/geometry.js";
import { predictionBuffer, predictionStep } from "../graph/prediction-step.js";
import { atBatch, type PortInfo, type TracedModel } from "../graph/template.js";
import type { TypedArray } from "../typed-array.js";
import type { Engine } from "./engine.js";
import type { InputRows } from "./rows.js";
import { rowsAtOnce } from "./rows-at-once.js";

/** Rows of one input or output: [rows, ...shape], row-major. */
export interface Rows {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

/**
 * What a model gives for some rows. Data and shape are those of its only output; where there are several they are
 * empty, and `byOutput` has them.
 */
export interface Prediction extends Rows {
  readonly byOutput: Readonly<Record<string, Rows>>;
}

const LARGEST_BATCH = 256;

/** What a prediction may be told. */
export interface PredictOptions {
  /** Ends a prediction of many rows between two batches. */
  readonly signal?: AbortSignal;
}

/** How many steps `predict` takes for that many rows. */
export function predictionSteps(count: number): number {
  return Math.ceil(count / LARGEST_BATCH);
}

/**
 * @param inputs for each input of the model, all of `count` rows
 * @param first number of the first step, by which random ops draw
 * @throws Aborted; as the device does
 */
export async function predict(
  engine: Engine,
  model: TracedModel,
  inputs: readonly InputRows[],
  count: number,
  first: number,
  signal?: AbortSignal,
): Promise<Prediction> {
  const outputs = await outputsOf(engine, model, inputs, count, first, signal);
  const byOutput = Object.fromEntries(
    model.outputs.map(({ name, shape }, index) => [
      name,
      { data: outputs[index] as Float32Array, shape: [count, ...shape] },
    ]),
  );
  const [only, ...more] = Object.values(byOutput);
  const sole = only && more.length === 0 ? only : { data: new Float32Array(0), shape: [0] };
  return { ...sole, byOutput };
}

/** Outputs of all rows, which pass in as few batches as fit. */
async function outputsOf(
  engine: Engine,
  model: TracedModel,
  inputs: readonly InputRows[],
  count: number,
  first: number,
  signal: AbortSignal | undefined,
): Promise<Float32Array[]> {
  let most = rowsAtOnce(model, LARGEST_BATCH);
  const outputs: Float32Array[] = [];
  for (let done = 0; ; ) {
    checkAborted(signal, "predict");
    const taken = Math.min(most, count - done);
    const some = inputs.map((rows, index) => {
      const size = sizeOf((model.inputs[index] as PortInfo).shape);
      return taken === count ? rows : rows.subarray(done * size, (done + taken) * size);
    });
    const step = first + Math.floor(done / LARGEST_BATCH);
    let given: Float32Array[];
    try {
      given = await predictBatch(engine, model, some, taken, step);
    } catch (error) {
      if (!isHoneError(error, "OutOfMemory")) throw error;
      const { fewerRows } = await import("./session-keeping.js").catch(() => {
        throw error;
      });
      most = fewerRows(model, error, taken);
      continue;
    }
    if (taken === count) return given;
    for (const [index, { shape }] of model.outputs.entries()) {
      outputs[index] ??= new Float32Array(count * sizeOf(shape));
      outputs[index].set(given[index] as Float32Array, done * sizeOf(shape));
    }
    done += taken;
    if (done === count) return outputs;
  }
}

/** Outputs of at most LARGEST_BATCH rows: arrays of their own. */
async function predictBatch(
  engine: Engine,
  model: TracedModel,
  inputs: readonly InputRows[],
  count: number,
  step: number,
): Promise<Float32Array[]> {
  if (count === 0) return model.outputs.map(() => new Float32Array(0));
  const batch = engine.mixesRows(model) ? count : 2 ** Math.ceil(Math.log2(count));
  const title = `predict@${batch}`;
  const shapes = model.inputs.map(({ shape }) => shape.join("x")).join(",");
  const key = `${title}:${shapes}`;
  const entry =
    engine.prepared(key) ??
    (await engine.prepare(title, key, () =>
      predictionStep(atBatch(model.inference, batch), shapes),
    ));
  const { executable } = engine;
  for (const [index, port] of model.inputs.entries()) {
    const rows = inputs[index] as InputRows;
    const buffer = predictionBuffer("input", port.name, batch, shapes);
    executable.write(buffer, batch === count ? rows : padded(rows, batch * sizeOf(port.shape)));
  }
  executable.run(entry.name, { first: step, steps: 1 });
  const buffers = model.outputs.map((port) => predictionBuffer("output", port.name, batch, shapes));
  const reading = executable.read(buffers);
  engine.letGo(entry);
  const values = await reading;
  return values.map((value) => {
    const rows = batch === count ? value : value.slice(0, (value.length / batch) * count);
    return rows instanceof Float32Array ? rows : Float32Array.from(rows as TypedArray);
  });
}

function padded(rows: InputRows, length: number): InputRows {
  const whole = rows instanceof Int32Array ? new Int32Array(length) : new Float32Array(length);
  whole.set(rows);
  return whole;
}
