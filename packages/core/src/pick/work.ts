/** What a device is wanted for: the user's own program, with data to run it on. */
import type { CapturedModel } from "../capture.js";
import { sizeOf } from "../graph/geometry.js";
import { predictionStep, trainingStep } from "../graph/steps.js";
import { atBatch } from "../graph/template.js";
import type { Graph, Shape } from "../graph/types.js";
import { RandomStream } from "../random.js";
import { type Column, type Dataset, takeRows } from "../run/dataset.js";
import { dataSpec } from "../run/engine.js";

export type Mode = "train" | "predict";

export interface Work {
  readonly captured: CapturedModel;
  readonly mode: Mode;
  readonly batchSize: number;
  /** How many steps the device will be used for; one prediction is one step. */
  readonly steps: number;
  /** Small predictions are made on the calling thread where the device can. */
  readonly latency: boolean;
  /** As many rows as some steps take. */
  readonly dataset: Dataset;
}

const MOST_STEPS_OF_DATA = 64;
const MOST_BYTES = 2 ** 23;
const SAMPLE_SEED = 0x73616d70;

/**
 * Data to take the time on: the first rows of the user's own, or else noise of the shapes the model takes.
 * @param own with at least one row
 */
export function sampleData(captured: CapturedModel, batchSize: number, own?: Dataset): Dataset {
  const { traced, setup } = captured;
  const rowSize = sizeOf(traced.inputShape);
  const affordable = Math.floor(MOST_BYTES / (rowSize * batchSize));
  const rows = batchSize * Math.max(1, Math.min(MOST_STEPS_OF_DATA, affordable));
  if (own && own.rows >= batchSize) return takeRows(own, 0, Math.min(rows, own.rows));
  const random = new RandomStream(SAMPLE_SEED, 1);
  const pixels = new Uint8Array(rows * rowSize);
  const block = new Uint32Array(pixels.buffer, 0, Math.floor(pixels.length / 4));
  // Repeats after a while: this must not take longer than the race.
  for (let at = 0; at < block.length; at++) {
    block[at] = at < 4096 ? random.nextUint32() : (block[at - 4096] as number);
  }
  const x: Column = { data: pixels, shape: traced.inputShape, scale: 1 / 255, offset: 0 };
  return {
    name: "noise",
    rows,
    columns: { x, y: labels(captured, rows, random) },
    synthetic: true,
  };

  function labels({ traced: model }: CapturedModel, count: number, draw: RandomStream): Column {
    const shape = labelShape(model, setup.accuracy === "sparse");
    const length = count * sizeOf(shape);
    if (setup.accuracy === "sparse") {
      const classes = model.outputShape.at(-1) ?? 1;
      const data = Int32Array.from({ length }, () => draw.nextInteger(classes));
      return { data, shape, scale: 1, offset: 0 };
    }
    const width = shape.at(-1) ?? 1;
    const data = new Float32Array(length);
    // One in each row: right for classes, and harmless for a regression.
    for (let row = 0; row < length; row += width) data[row + draw.nextInteger(width)] = 1;
    return { data, shape, scale: 1, offset: 0 };
  }
}

function labelShape({ training, outputShape }: CapturedModel["traced"], sparse: boolean): Shape {
  if (sparse) return outputShape.slice(0, -1);
  const { graph, customLoss } = training.two;
  return customLoss ? (graph.tensors[customLoss.labels]?.shape.slice(1) ?? []) : outputShape;
}

/** The step that will be timed, in primitive ops. @throws ShapeMismatch when data and model do not go together */
export function graphOf({ captured, mode, batchSize, dataset }: Work): Graph {
  const { traced, setup } = captured;
  if (mode === "predict") return predictionStep(atBatch(traced.inference, batchSize));
  return trainingStep(atBatch(traced.training, batchSize), {
    ...setup,
    data: dataSpec(dataset),
    stride: batchSize,
    orderCapacity: dataset.rows,
    scheduleCapacity: Math.floor(dataset.rows / batchSize),
  });
}
