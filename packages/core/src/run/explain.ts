/** Says what a training step will do before anything runs. */

import type { ColumnSpec, DataSpec } from "../graph/feeds.js";
import { sizeOf } from "../graph/geometry.js";
import { labelKind } from "../graph/losses/index.js";
import { trainingStep } from "../graph/steps.js";
import { atBatch, type TracedModel } from "../graph/template.js";
import { isTraced } from "../graph/terms.js";
import type { Shape } from "../graph/types.js";
import { operandBytes } from "../plan/element-size.js";
import { type PlanTarget, planEntry } from "../plan/plan.js";
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

/** What `session.explain` gives. */
export interface Explanation {
  readonly calls: readonly ExplainedCall[];
  readonly flops: number;
  readonly bytes: number;
  /** Memory of the step's blocks, the data set excluded. */
  readonly memoryBytes: number;
  readonly parameters: number;
  /** A table for people. */
  readonly text: string;
}

export function explainStep(
  traced: TracedModel,
  setup: TrainingSetup,
  target: PlanTarget,
  wantedBatchSize: number,
): Explanation {
  const batchSize = wholeNumber("batchSize", wantedBatchSize);
  const graph = trainingStep(atBatch(traced.training, batchSize), {
    ...setup,
    ...labelsFor(setup.optimizer, traced),
    data: assumedData(traced, setup),
    stride: batchSize,
    orderCapacity: batchSize,
    scheduleCapacity: 1,
  });
  const entry = planEntry("explain", graph, target);
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
    memoryBytes: entry.blocks.reduce((sum, { bytes }) => sum + bytes, 0),
    parameters,
  };
  return { ...figures, text: tableOf(figures, batchSize) };
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
  const total = `${explained.calls.length} calls, ${(explained.flops / 1e6).toFixed(1)} MFLOP and ${(explained.bytes / 1e6).toFixed(1)} MB moved for a step of ${batchSize}; ${explained.parameters} parameters, ${(explained.memoryBytes / 1e6).toFixed(1)} MB of memory`;
  return [head, ...lines, total].join("\n");
}
