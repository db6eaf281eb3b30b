/**
 * From a traced forward pass to whole steps: train, evaluate, predict. Each is one graph in which
 * nothing is left for the host to compute: it picks its rows, runs, and records its figures.
 */
import { HoneError, invariant } from "../errors.js";
import { applyOptimizer, scheduleColumns } from "./apply-optimizer.js";
import { type Augment, augmentImages } from "./augment.js";
import { GraphBuilder } from "./builder.js";
import { sizeOf } from "./geometry.js";
import { gradients } from "./gradient.js";
import { type AccuracyKind, countCorrect, exampleLosses, type LossName } from "./loss.js";
import type { Optimizer } from "./optimizer.js";
import { simplify } from "./simplify.js";
import type { ModelGraph, Template } from "./template.js";
import type { DataType, Graph, Shape } from "./types.js";

/** One column of a data set as the gather op needs to know it; value = data · scale + offset. */
export interface ColumnSpec {
  readonly dtype: DataType;
  readonly rowShape: Shape;
  readonly scale: number;
  readonly offset: number;
}

export interface DataSpec {
  readonly x: ColumnSpec;
  readonly y: ColumnSpec;
}

/** `custom` means the loss was traced with the model (ModelGraph.customLoss). */
export interface LossSpec {
  readonly loss: LossName | "custom";
  readonly accuracy: AccuracyKind | undefined;
}

/** Rows of the ring that holds each training step's figures. */
export const METRICS_RING = 1024;
/** loss, count of right answers, global norm of the gradient */
export const METRICS_COLUMNS = 3;

export interface TrainingStepOptions extends LossSpec {
  readonly data: DataSpec;
  /** Rows between the starts of two steps: the batch size, also for the short last step of an epoch. */
  readonly stride: number;
  /** Room for this many rows in the batch order, and for this many steps in the schedule. */
  readonly orderCapacity: number;
  readonly scheduleCapacity: number;
  readonly optimizer: Optimizer;
  /** What people call the weights, by their tensors' names; the optimizer's `factors` need them. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Changes the images of every step anew; they stay as they are unless given. */
  readonly augment?: Augment;
}

/** Gather, augment, forward, loss, backward, optimizer, record. */
export function trainingStep(model: ModelGraph, options: TrainingStepOptions): Graph {
  const builder = new GraphBuilder({ tensors: model.graph.tensors, nodes: [] });
  const order = builder.persistent(
    `order:${options.orderCapacity}`,
    "state",
    [options.orderCapacity],
    { dtype: "int32" },
  );
  const epochStart = builder.persistent("epochStart", "state", [1], { dtype: "int32" });
  const schedule = builder.persistent(`schedule:${options.scheduleCapacity}`, "state", [
    options.scheduleCapacity,
    scheduleColumns(options.optimizer),
  ]);
  const rows = { stride: options.stride, picked: [order, epochStart] };
  gatherInput(builder, model, options.data.x, rows, options.augment);
  // Early, so that threads need not meet for it before the optimizer.
  const settings = builder.op("ReadSchedule", [schedule, epochStart]);
  builder.nodes.push(...model.graph.nodes);
  const labels = gatherLabels(builder, model, options, rows);

  const losses = lossesOf(builder, model, options.loss, labels);
  const count = sizeOf(builder.shape(losses));
  const seeds = new Map([[losses, filled(builder, builder.shape(losses), 1 / count)]]);
  for (const penalty of model.penalties) {
    seeds.set(penalty, filled(builder, builder.shape(penalty), 1));
  }
  const loss = totalLoss(builder, losses, model.penalties);
  const correct = options.accuracy
    ? countCorrect(builder, options.accuracy, model.output, labels)
    : filled(builder, [1], 0);

  const parameters = builder.tensors.filter(({ trainable }) => trainable).map(({ id }) => id);
  if (parameters.length === 0) {
    throw new HoneError("UnsupportedModel", "training", "no weight of the model is trainable.");
  }
  const found = gradients(builder, seeds, parameters);
  const named = parameters.map((id) => nameGradient(builder, id, found.get(id)));
  const length = parameters.reduce((sum, id) => sum + sizeOf(builder.shape(id)), 0);
  const flat = builder.persistent("gradients", "gradient", [length], { span: named });
  const norm = builder.op("GlobalNorm", [flat]);
  const ring = builder.persistent("metrics", "metric", [METRICS_RING, METRICS_COLUMNS]);
  builder.inPlace("RecordStep", [ring, loss, correct, norm], [ring]);
  applyOptimizer(builder, options.optimizer, {
    parameters,
    gradients: named,
    settings,
    norm,
    labels: options.labels && parameters.map((id) => labelOf(builder, id, options.labels)),
  });
  return simplify(builder.build());
}

function labelOf(builder: GraphBuilder, id: number, labels: TrainingStepOptions["labels"]): string {
  const name = builder.tensor(id).name as string;
  return labels?.[name] ?? name;
}

export interface EvaluationStepOptions extends LossSpec {
  readonly data: DataSpec;
  readonly stride: number;
  readonly ringLength: number;
}

/**
 * Rows in order, forward without dropout, losses; records per step the example losses [rows] and then
 * the outputs [B, …] in the ring named by `evaluationRing`.
 */
export function evaluationStep(model: ModelGraph, options: EvaluationStepOptions): Graph {
  const builder = new GraphBuilder({ tensors: model.graph.tensors, nodes: [] });
  const rows = { stride: options.stride, picked: [] };
  gatherInput(builder, model, options.data.x, rows);
  builder.nodes.push(...model.graph.nodes);
  const labels = gatherLabels(builder, model, options, rows);
  const losses = lossesOf(builder, model, options.loss, labels);
  const width = sizeOf(builder.shape(losses)) + sizeOf(builder.shape(model.output));
  const ring = builder.persistent(evaluationRing(options.ringLength, width), "metric", [
    options.ringLength,
    width,
  ]);
  builder.inPlace("RecordStep", [ring, losses, model.output], [ring]);
  return simplify(builder.build());
}

export function evaluationRing(length: number, width: number): string {
  return `evaluation:${length}x${width}`;
}

/** Forward without dropout from the host-written `input@B` to `output@B`. */
export function predictionStep(model: ModelGraph): Graph {
  const builder = new GraphBuilder(model.graph);
  const batch = builder.shape(model.input)[0];
  builder.tensors[model.input] = {
    ...builder.tensor(model.input),
    role: "input",
    name: `input@${batch}`,
  };
  // Nothing reads the labels here, and their memory would be of another length for each batch size.
  if (model.customLoss) computedHere(builder, model.customLoss.labels);
  const output = builder.persistent(`output@${batch}`, "metric", builder.shape(model.output));
  builder.opInto("Identity", [model.output], output);
  return simplify(builder.build());
}

/**
 * True when a row's prediction may depend on the rows beside it, so that none may be added: somewhere
 * a result that does not grow with the batch is made from one that does.
 */
export function mixesRows({ two, three }: Template<ModelGraph>): boolean {
  const [small, large] = [predictionStep(two), predictionStep(three)];
  const grows = (id: number) =>
    sizeOf(small.tensors[id]?.shape ?? []) !== sizeOf(large.tensors[id]?.shape ?? []);
  return small.nodes.some(({ inputs, outputs }) => inputs.some(grows) && !outputs.some(grows));
}

/** Lets the step itself fill a tensor that the trace left to the host. */
function computedHere(builder: GraphBuilder, id: number): void {
  const { shape, dtype } = builder.tensor(id);
  builder.tensors[id] = { id, shape, dtype, role: "scratch" };
}

interface RowChoice {
  readonly stride: number;
  /** The order and the epoch's start, or nothing: rows as they stand. */
  readonly picked: readonly number[];
}

function gatherInput(
  builder: GraphBuilder,
  model: ModelGraph,
  column: ColumnSpec,
  rows: RowChoice,
  augment?: Augment,
): void {
  const shape = builder.shape(model.input);
  if (sizeOf(column.rowShape) !== sizeOf(shape.slice(1))) {
    throw new HoneError(
      "ShapeMismatch",
      "data",
      `a row of the data is [${column.rowShape}], the model takes [${shape.slice(1)}]. Give the model that input shape or reshape the data.`,
    );
  }
  computedHere(builder, model.input);
  const source = builder.persistent("x", "input", column.rowShape, {
    dtype: column.dtype,
    resident: true,
  });
  const { scale, offset } = column;
  const attributes = { stride: rows.stride, scale, offset, shape: [...shape], dtype: "float32" };
  const inputs = [source, ...rows.picked];
  if (augment === undefined || (augment.shift === 0 && !augment.flip)) {
    builder.opInto("GatherRows", inputs, model.input, attributes);
  } else {
    const gathered = builder.op("GatherRows", inputs, attributes);
    augmentImages(builder, gathered, model.input, column.rowShape, augment);
  }
}

function gatherLabels(
  builder: GraphBuilder,
  model: ModelGraph,
  { data, loss, accuracy }: LossSpec & { readonly data: DataSpec },
  rows: RowChoice,
): number {
  const batch = builder.shape(model.input)[0] as number;
  const { rowShape, dtype, scale, offset } = data.y;
  const source = builder.persistent("y", "input", rowShape, { dtype, resident: true });
  const shape = [batch, ...rowShape];
  const sparse = accuracy === "sparse";
  if (loss === "custom") {
    invariant(model.customLoss, "labels", "a custom loss was not traced");
    const { labels } = model.customLoss;
    const known = builder.tensor(labels);
    if (sizeOf(rowShape) !== sizeOf(known.shape.slice(1))) {
      throw new HoneError(
        "ShapeMismatch",
        "data",
        `a row of the labels is [${rowShape}], the loss takes [${known.shape.slice(1)}]. Give \`compile\` the \`labelShape\` of the data, or other labels.`,
      );
    }
    computedHere(builder, labels);
    const attributes = {
      stride: rows.stride,
      scale,
      offset,
      shape: [...known.shape],
      dtype: known.dtype,
    };
    const inputs = [source, ...rows.picked];
    // The model's nodes already stand in the list; labels must be there before the loss reads them.
    builder.nodes.unshift({ op: "GatherRows", inputs, outputs: [labels], attributes });
    return labels;
  }
  return builder.op("GatherRows", [source, ...rows.picked], {
    stride: rows.stride,
    scale,
    offset,
    shape,
    dtype: sparse ? "int32" : "float32",
  });
}

function lossesOf(
  builder: GraphBuilder,
  model: ModelGraph,
  loss: LossSpec["loss"],
  labels: number,
): number {
  if (loss !== "custom") return exampleLosses(builder, loss, model.output, labels);
  invariant(model.customLoss, "loss", "a custom loss was not traced");
  return model.customLoss.losses;
}

function filled(builder: GraphBuilder, shape: Shape, value: number): number {
  return builder.constant(new Float64Array(sizeOf(shape)).fill(value), shape);
}

/** Mean of the example losses plus the penalties, [1]. */
function totalLoss(builder: GraphBuilder, losses: number, penalties: readonly number[]): number {
  const count = sizeOf(builder.shape(losses));
  const flat = builder.op("Reshape", [losses], { shape: [count] });
  const sum = builder.op("Sum", [flat], { axes: [0], keepDims: true });
  let total = builder.op("Multiply", [sum, builder.scalar(1 / count)]);
  for (const penalty of penalties) total = builder.op("Add", [total, penalty]);
  return total;
}

/**
 * Makes a parameter's gradient a named tensor. The node that computes it writes it there directly,
 * unless its result is needed under another name too.
 */
function nameGradient(
  builder: GraphBuilder,
  parameter: number,
  gradient: number | undefined,
): number {
  const { name, shape } = builder.tensor(parameter);
  const title = `gradient:${name}`;
  // A parameter the loss does not depend on: its gradient is the zeros the block is made of.
  if (gradient === undefined) return builder.persistent(title, "gradient", shape);
  const owner = ownerOf(builder, gradient);
  if (owner === undefined) {
    const result = builder.persistent(title, "gradient", shape);
    builder.opInto("Identity", [gradient], result);
    return result;
  }
  builder.tensors[owner] = { ...builder.tensor(owner), role: "gradient", name: title };
  return owner;
}

/** The computed tensor behind a result and its reshapes, if nothing else reads any of them. */
function ownerOf(builder: GraphBuilder, result: number): number | undefined {
  const producer = builder.nodes.find((node) => node.outputs.includes(result));
  const free = builder.tensor(result).role === "scratch";
  if (!producer || !free) return undefined;
  const readers = builder.nodes.filter((node) => node.inputs.includes(result)).length;
  if (producer.op !== "Reshape") return readers === 0 ? result : undefined;
  if (readers > 0) return undefined;
  const source = producer.inputs[0] as number;
  const others = builder.nodes.filter((node) => node.inputs.includes(source)).length;
  const maker = builder.nodes.find((node) => node.outputs.includes(source));
  const ownable = others === 1 && maker !== undefined && maker.op !== "Reshape";
  return ownable && builder.tensor(source).role === "scratch" ? source : undefined;
}
