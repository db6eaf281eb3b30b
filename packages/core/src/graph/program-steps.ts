/** Steps of a program's functions: a loss and its gradients, with or without an optimizer, or results alone. */
import { applyOptimizer, inGroup, scheduleColumns } from "./apply-optimizer.js";
import { backward } from "./backward.js";
import { type DataSpec, feed, type RowChoice } from "./feeds.js";
import type { Optimizer } from "./optimizer.js";
import { simplify } from "./simplify.js";
import { stepBuilder } from "./step-builder.js";
import { type StepCapacity, stepBuffers } from "./steps.js";
import type { ModelGraph } from "./template.js";
import { judge, type Term } from "./terms.js";
import type { Graph } from "./types.js";

/** The loss that a function gives, as it is. */
export const FUNCTION_TERMS: readonly Term[] = [
  { output: undefined, loss: { traced: 0 }, weight: 1, metrics: [] },
];

export interface FunctionStepOptions extends StepCapacity {
  /** The function's name: its buffers are called so. */
  readonly group: string;
  /** Rows of a step. */
  readonly batch: number;
  readonly data: DataSpec;
  /** Rows between the starts of two steps of a data set; unless given, the host writes the rows. */
  readonly stride?: number;
}

export interface LossStepOptions extends FunctionStepOptions {
  /** Names of the parameters that gradients are wanted for, in their order. */
  readonly parameters: readonly string[];
  /** Their names for people. */
  readonly labels: readonly string[];
  /** Moves them; gradients alone without one. */
  readonly optimizer?: Optimizer | undefined;
}

/** Loss, gradients, and the optimizer's step; records norm and loss. */
export function lossStep(model: ModelGraph, options: LossStepOptions): Graph {
  const { builder, epochStart, buffers } = begin(model, options);
  const { figures, seeds } = judge(builder, model, FUNCTION_TERMS, new Map());
  const byName = new Map(builder.tensors.map(({ name, id }) => [name, id] as const));
  const parameters = options.parameters.map((name) => byName.get(name) as number);
  const { group, optimizer } = options;
  const { gradients, norm } = backward(builder, seeds, parameters, group);
  const ring = builder.persistent(buffers.ring, "metric", [buffers.ringLength, 2]);
  builder.inPlace("RecordStep", [ring, norm, ...figures], [ring]);
  if (optimizer) {
    const schedule = builder.persistent(buffers.schedule, "state", [
      options.scheduleCapacity,
      scheduleColumns(optimizer),
    ]);
    const settings = builder.op("ReadSchedule", [schedule, epochStart]);
    const { labels } = options;
    applyOptimizer(builder, optimizer, { parameters, gradients, settings, norm, labels, group });
  }
  return simplify(builder.build());
}

/** The buffer of one of a function's results, for `batch` rows. */
export function resultBuffer(group: string, result: string, batch: number): string {
  return `${inGroup("result", group)}.${result}@${batch}`;
}

/** Results alone. */
export function computeStep(model: ModelGraph, options: FunctionStepOptions): Graph {
  const { builder } = begin(model, options);
  for (const { name, tensor } of model.outputs) {
    const buffer = resultBuffer(options.group, name, options.batch);
    const result = builder.persistent(buffer, "metric", builder.shape(tensor));
    builder.opInto("Identity", [tensor], result);
  }
  return simplify(builder.build());
}

/** Everything up to the function's own nodes. */
function begin(model: ModelGraph, options: FunctionStepOptions) {
  const builder = stepBuilder(model.graph);
  const buffers = stepBuffers(options);
  const epochStart = builder.persistent(buffers.epochStart, "state", [1], { dtype: "int32" });
  const { stride, orderCapacity = 0, data } = options;
  const picked = () => [
    builder.persistent(buffers.order, "state", [orderCapacity], { dtype: "int32" }),
    epochStart,
  ];
  const rows: RowChoice =
    stride === undefined ? { from: "host" } : { from: "resident", stride, picked: picked() };
  if (model.inputs.length > 0) feed(builder, model, data, rows);
  builder.adopt(model.graph.nodes);
  return { builder, epochStart, buffers };
}
