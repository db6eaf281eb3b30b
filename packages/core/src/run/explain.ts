/** Says what a training step will do before anything runs. */

import type { Target } from "../backend.js";
import type { ColumnSpec, DataSpec } from "../graph/feeds.js";
import { frozenFront } from "../graph/frozen-front.js";
import { sizeOf } from "../graph/geometry.js";
import { labelKind } from "../graph/losses/index.js";
import { trainingStep } from "../graph/steps.js";
import { atBatch, type TracedModel } from "../graph/template.js";
import { isTraced } from "../graph/terms.js";
import type { Shape } from "../graph/types.js";
import { operandBytes } from "../plan/element-size.js";
import { lateFusions } from "../plan/late-passes.js";
import { holdLateFusions } from "../plan/passes.js";
import { type PlanTarget, planEntry } from "../plan/plan.js";
import type { Entry } from "../plan/program.js";
import type { TrainingSetup } from "./setup.js";
import { labelsFor } from "./step-entries.js";
import { wholeNumber } from "./whole-number.js";

/** One call of a step, and what it costs by the op table. */
export interface ExplainedCall {
  readonly op: string;
  /** The layer it belongs to, where it belongs to one. */
  readonly layer: string | undefined;
  readonly output: Shape;
  readonly flops: number;
  /** Read and written. */
  readonly bytes: number;
}

/** What a step needs of a device's memory and what that can give, as far as it says. */
export interface Room {
  /** Bytes of the step's largest block, and of the largest that the device can give. */
  readonly largestBlockBytes: number;
  readonly deviceBlockBytes: number;
  /** Bytes that the device can give altogether. */
  readonly deviceBytes: number | "unknown";
  /** False where the step is known not to fit; true says nothing of what else is on the device. */
  readonly fits: boolean | "unknown";
  /** The largest batch size of which that is not known, by the bytes of two plans; 0 for none. */
  readonly mostRows: number;
}

/** What `session.explain` gives. */
export interface Explanation {
  readonly calls: readonly ExplainedCall[];
  readonly flops: number;
  readonly bytes: number;
  /** Memory of the step's blocks, the data set excluded. */
  readonly memoryBytes: number;
  /** What the device can give, against that. */
  readonly room: Room;
  /** How many training steps of that size ran on 1, 2, … threads so far; none where the device does not choose. */
  readonly threads: readonly number[];
  readonly parameters: number;
  /** Layers below all that trains: `fit` computes them once for each row, unless told otherwise. Empty where there are none. */
  readonly frozenFront: readonly string[];
  /** A table for people. */
  readonly text: string;
}

export function explainStep(
  traced: TracedModel,
  setup: TrainingSetup,
  target: PlanTarget & Pick<Target, "memoryBytes">,
  wanted: {
    readonly batchSize: number;
    readonly threads: Readonly<Record<string, readonly number[]>>;
  },
): Explanation {
  const batchSize = wholeNumber("batchSize", wanted.batchSize);
  const data = assumedData(traced, setup);
  holdLateFusions(lateFusions);
  /** Planned as if there were room for anything. */
  const planAt = (rows: number) => {
    const graph = trainingStep(atBatch(traced.training, rows), {
      ...setup,
      ...labelsFor(setup.optimizer, traced),
      data,
      stride: rows,
      orderCapacity: rows,
      scheduleCapacity: 1,
    });
    return planEntry("explain", graph, { ...target, maxBlockBytes: Number.POSITIVE_INFINITY });
  };
  const entry = planAt(batchSize);
  const calls = entry.calls.map(({ op, inputs, outputs, flops = 0, label }): ExplainedCall => {
    const bytes = [...inputs, ...outputs].reduce(
      (sum, operand) => sum + operandBytes(operand, target.precision),
      0,
    );
    return { op, layer: label, output: outputs[0]?.shape ?? [], flops, bytes };
  });
  const parameters = traced.weights
    .filter(({ trainable }) => trainable)
    .reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const figures = {
    calls,
    flops: calls.reduce((sum, call) => sum + call.flops, 0),
    bytes: calls.reduce((sum, call) => sum + call.bytes, 0),
    memoryBytes: bytesOf(entry),
    room: roomFor(entry, planAt(batchSize + MORE_ROWS), batchSize, target),
    parameters,
    frozenFront: frozenFront(traced)?.layers ?? [],
    threads: wanted.threads[`train@${batchSize}`] ?? [],
  };
  return { ...figures, text: tableOf(figures, batchSize) };
}

/** By how many rows a second plan differs, which tells what a row needs. */
const MORE_ROWS = 64;

const bytesOf = ({ blocks }: Entry) => blocks.reduce((sum, { bytes }) => sum + bytes, 0);
const largestOf = ({ blocks }: Entry) => Math.max(0, ...blocks.map(({ bytes }) => bytes));

function roomFor(
  entry: Entry,
  more: Entry,
  batchSize: number,
  {
    maxBlockBytes,
    memoryBytes = Number.POSITIVE_INFINITY,
  }: Pick<Target, "maxBlockBytes" | "memoryBytes">,
): Room {
  const isKnown = Number.isFinite(memoryBytes);
  const overfull = largestOf(entry) > maxBlockBytes || bytesOf(entry) > memoryBytes;
  /** Bytes grow by the same for each row, but for what rounds them up. */
  const rowsUntil = (most: number, bytes: number, bytesOfMore: number) => {
    const perRow = (bytesOfMore - bytes) / MORE_ROWS;
    if (bytes > most && perRow === 0) return 0;
    return perRow === 0 ? Number.POSITIVE_INFINITY : batchSize + (most - bytes) / perRow;
  };
  const sizes = new Map(more.blocks.map(({ name, bytes }) => [name, bytes]));
  const rows = Math.min(
    rowsUntil(memoryBytes, bytesOf(entry), bytesOf(more)),
    ...entry.blocks.map(({ name, bytes }) =>
      rowsUntil(maxBlockBytes, bytes, sizes.get(name) ?? bytes),
    ),
  );
  return {
    largestBlockBytes: largestOf(entry),
    deviceBlockBytes: maxBlockBytes,
    deviceBytes: isKnown ? memoryBytes : "unknown",
    fits: overfull ? false : isKnown || "unknown",
    mostRows: Math.max(0, Math.floor(rows)),
  };
}

/** Columns of the model's own shapes, since no data set is at hand. */
function assumedData(
  { training, inputs, outputs }: TracedModel,
  { terms }: TrainingSetup,
): DataSpec {
  const plain = { scale: 1, offset: 0 };
  const columns: Record<string, ColumnSpec> = {};
  for (const { name, shape } of inputs) {
    columns[`x.${name}`] = { ...plain, dtype: "uint8", rowShape: shape };
  }
  for (const { name, shape } of outputs) {
    const loss = terms.find(({ output }) => output === name)?.loss;
    const index = loss && !isTraced(loss) && labelKind(loss) === "class-index";
    const port = training.two.labels.find((label) => label.name === name);
    const traced = port && training.two.graph.tensors[port.tensor]?.shape.slice(1);
    const rowShape = traced ?? (index ? shape.slice(0, -1) : shape);
    columns[`y.${name}`] = { ...plain, dtype: index ? "uint8" : "float32", rowShape };
  }
  return {
    columns,
    inputs: Object.fromEntries(inputs.map(({ name }) => [name, `x.${name}`])),
    labels: Object.fromEntries(outputs.map(({ name }) => [name, `y.${name}`])),
  };
}

function tableOf(explained: Omit<Explanation, "text">, batchSize: number): string {
  const lines = explained.calls.map(({ op, layer, output, flops, bytes }) =>
    [
      op.padEnd(24),
      (layer ?? "").padEnd(24),
      `[${output}]`.padEnd(20),
      (flops / 1e6).toFixed(2).padStart(10),
      (bytes / 1e6).toFixed(2).padStart(10),
    ].join(" "),
  );
  const head = `${"op".padEnd(24)} ${"layer".padEnd(24)} ${"result".padEnd(20)} ${"MFLOP".padStart(10)} ${"MB".padStart(10)}`;
  const total = `${explained.calls.length} calls, ${(explained.flops / 1e6).toFixed(1)} MFLOP and ${(explained.bytes / 1e6).toFixed(1)} MB moved for a step of ${batchSize}; ${explained.parameters} parameters, ${megabytes(explained.memoryBytes)} of memory`;
  const threads = explained.threads.flatMap((steps, index) =>
    steps > 0 ? [`${steps} of its steps ran on ${index + 1}`] : [],
  );
  const ran =
    threads.length > 0 ? [`${threads.join(", ")} of ${explained.threads.length} threads`] : [];
  const { frozenFront: front } = explained;
  const still =
    front.length > 0
      ? [
          `${front.length} layers, ${front[0]} to ${front.at(-1)}, stand still below all that trains: fit computes them once for each row`,
        ]
      : [];
  return [head, ...lines, total, roomLine(explained.room), ...still, ...ran].join("\n");
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;

function roomLine({ largestBlockBytes, deviceBlockBytes, deviceBytes, mostRows }: Room): string {
  const all =
    deviceBytes === "unknown"
      ? "does not say how much it gives in all"
      : `gives ${megabytes(deviceBytes)} in all`;
  const piece = `${megabytes(largestBlockBytes)} of it in one piece, where the device gives ${megabytes(deviceBlockBytes)}`;
  return `${piece}; it ${all}; ${mostRows} rows a step are the most that may fit`;
}
