/** What a device is wanted for: the user's own program, with data to run it on. */
import { sizeOf } from "../graph/geometry.js";
import { labelKind } from "../graph/losses/index.js";
import { predictionStep } from "../graph/prediction-step.js";
import { trainingStep } from "../graph/steps.js";
import { atBatch, type PortInfo } from "../graph/template.js";
import { isTraced } from "../graph/terms.js";
import type { Graph } from "../graph/types.js";
import { RandomStream } from "../random.js";
import { judgedOutputs, planData } from "../run/data-plan.js";
import type { Column, Dataset } from "../run/dataset.js";
import { takenRows } from "../run/row-parts.js";
import type { Captured } from "../run/session-model.js";
import { labelsFor } from "../run/step-entries.js";

export type Mode = "train" | "predict";

export interface Work {
  readonly captured: Captured;
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
export function sampleData(captured: Captured, batchSize: number, own?: Dataset): Dataset {
  const { traced, setup } = captured;
  const rowSize = traced.inputs.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const affordable = Math.floor(MOST_BYTES / (rowSize * batchSize));
  const rows = batchSize * Math.max(1, Math.min(MOST_STEPS_OF_DATA, affordable));
  if (own && own.rows >= batchSize) return takenRows(own, 0, Math.min(rows, own.rows));
  const random = new RandomStream(SAMPLE_SEED, 1);
  const columns: Record<string, Column> = {};
  const labels: string[] = [];
  for (const { name, shape, dtype } of traced.inputs) {
    const scale = dtype === "int32" ? 1 : 1 / 255;
    columns[name] = { data: noise(rows * sizeOf(shape), random), shape, scale, offset: 0 };
  }
  for (const port of judgedOutputs(traced, setup.terms)) {
    const name = columns[port.name] ? `labels of ${port.name}` : port.name;
    columns[name] = drawnLabels(captured, port, rows, random);
    labels.push(name);
  }
  return { name: "noise", rows, columns, labels, synthetic: true };
}

/** Numbers that are drawn before they repeat: a page waits for them. */
const DRAWN = 1024;

/** Bytes, which repeat after a while. */
function noise(length: number, random: RandomStream): Uint8Array {
  const pixels = new Uint8Array(length);
  const drawn = Uint32Array.from({ length: DRAWN }, () => random.nextUint32());
  const block = new Uint8Array(drawn.buffer).subarray(0, length);
  pixels.set(block);
  for (let done = block.length; done < length; done *= 2) pixels.copyWithin(done, 0, done);
  return pixels;
}

/** Numbers below `end`, which repeat after a while. */
function choices(length: number, end: number, random: RandomStream): Int32Array {
  const drawn = Int32Array.from({ length: Math.min(length, DRAWN) }, () => random.nextInteger(end));
  return Int32Array.from({ length }, (_, at) => drawn[at % DRAWN] as number);
}

/** One in each row: right for classes, and harmless for a regression. */
function drawnLabels(
  { traced, setup }: Captured,
  port: PortInfo,
  rows: number,
  random: RandomStream,
): Column {
  const loss = setup.terms.find(({ output }) => output === port.name)?.loss;
  const plain = { scale: 1, offset: 0 };
  if (loss && !isTraced(loss) && labelKind(loss) === "class-index") {
    const shape = port.shape.slice(0, -1);
    const classes = port.shape.at(-1) ?? 1;
    return { ...plain, data: choices(rows * sizeOf(shape), classes, random), shape };
  }
  const { labels, graph } = traced.training.two;
  const known = labels.find(({ name }) => name === port.name);
  const shape = known ? (graph.tensors[known.tensor]?.shape.slice(1) ?? []) : port.shape;
  const width = shape.at(-1) ?? 1;
  const data = new Float32Array(rows * sizeOf(shape));
  choices(data.length / width, width, random).forEach((column, row) => {
    data[row * width + column] = 1;
  });
  return { ...plain, data, shape };
}

/** The step that will be timed, in primitive ops. @throws ShapeMismatch when data and model do not go together */
export function graphOf({ captured, mode, batchSize, dataset }: Work): Graph {
  const { traced, setup } = captured;
  if (mode === "predict") return predictionStep(atBatch(traced.inference, batchSize));
  return trainingStep(atBatch(traced.training, batchSize), {
    ...setup,
    ...labelsFor(setup.optimizer, traced),
    data: planData(traced, setup.terms, dataset),
    stride: batchSize,
    orderCapacity: dataset.rows,
    scheduleCapacity: Math.floor(dataset.rows / batchSize),
  });
}
