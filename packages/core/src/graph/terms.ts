/**
 * What a model is trained towards: a term for each output that is judged, and what each step tells of them.
 *
 * As in tfjs: the loss of a step is the sum over the terms of weight · Σ(loss · row weights) / count, plus the
 * penalties; `count` is that of the loss's elements, so row weights are not divided by their sum.
 */
import { invariant } from "../errors.js";
import type { GraphBuilder } from "./builder.js";
import { sizeOf } from "./geometry.js";
import { lossTensor, type NamedLoss } from "./losses/index.js";
import {
  metricDirection,
  metricJoins,
  metricParts,
  metricValue,
  metricWidth,
  type NamedMetric,
} from "./metrics/index.js";
import type { ModelGraph } from "./template.js";

/** A function of the user's that was traced with the model: its place in `ModelGraph.functions`. */
export interface TracedFunction {
  readonly traced: number;
}

export interface TermMetric {
  /** As tfjs's History names it, the output's name in front where there are several outputs. */
  readonly label: string;
  readonly metric: NamedMetric | TracedFunction;
}

/** How one output is judged. Plain data. */
export interface Term {
  /** The output's name; undefined for a loss that takes all outputs together. */
  readonly output: string | undefined;
  /** Undefined for an output that is only measured. */
  readonly loss: NamedLoss | TracedFunction | undefined;
  readonly weight: number;
  readonly metrics: readonly TermMetric[];
}

/** Weights of rows: the column that holds them, and by class, in the classes' order. */
export interface RowWeights {
  /** Tensor [B]. */
  readonly samples?: number | undefined;
  readonly classes?: readonly number[] | undefined;
}

/** A figure that steps record: `width` numbers, which join over several steps and then give one. */
export interface FigureColumn {
  readonly label: string;
  readonly width: number;
  /** `mean` weighs steps by their rows; `sum` adds. */
  readonly joins: "mean" | "sum";
  readonly value: (joined: ArrayLike<number>) => number;
  /** Whether more is better; undefined where only its author knows. */
  readonly rises: boolean | undefined;
}

const only = (values: ArrayLike<number>) => values[0] as number;

export const isTraced = (given: object): given is TracedFunction => "traced" in given;

/** tfjs reports each output's own loss where there are several. */
const showsLosses = (terms: readonly Term[]) =>
  terms.filter(({ loss, output }) => loss !== undefined && output !== undefined).length > 1;

/** What every step records, in this order; the total loss comes first. */
export function figureColumns(terms: readonly Term[]): FigureColumn[] {
  const columns: FigureColumn[] = [
    { label: "loss", width: 1, joins: "mean", value: only, rises: false },
  ];
  if (showsLosses(terms)) {
    for (const { output, loss } of terms) {
      if (loss === undefined || output === undefined) continue;
      columns.push({
        label: `${output}_loss`,
        width: 1,
        joins: "mean",
        value: only,
        rises: false,
      });
    }
  }
  for (const { metrics } of terms) {
    for (const { label, metric } of metrics) {
      columns.push(
        isTraced(metric)
          ? { label, width: 1, joins: "mean", value: only, rises: undefined }
          : {
              label,
              width: metricWidth(metric),
              joins: metricJoins(metric),
              value: (joined) => metricValue(metric, joined),
              rises: metricDirection(metric) > 0,
            },
      );
    }
  }
  return columns;
}

export function figuresWidth(columns: readonly FigureColumn[]): number {
  return columns.reduce((sum, { width }) => sum + width, 0);
}

export interface JudgedTerms {
  /** Total loss, [1]: penalties included. */
  readonly total: number;
  /** Tensors of the figures, in the order of `figureColumns`. */
  readonly figures: readonly number[];
  /** Known gradients of the total, by tensor. */
  readonly seeds: ReadonlyMap<number, number>;
}

/**
 * Appends losses and metrics.
 * @param labels tensors of labels, by output; functions read those they were traced with
 * @param weights of rows, by output; `undefined` is that of the loss of all outputs
 * @param share of the batch that these rows are: figures and seeds of all its parts add up to those of the whole
 */
export function judge(
  builder: GraphBuilder,
  model: ModelGraph,
  terms: readonly Term[],
  labels: ReadonlyMap<string, number>,
  weights: ReadonlyMap<string | undefined, RowWeights> = new Map(),
  share = 1,
): JudgedTerms {
  const shared = (id: number) =>
    share === 1 ? id : builder.op("Multiply", [id, builder.scalar(share)]);
  const seeds = new Map<number, number>();
  /** One tensor may be told of twice: its gradients add. */
  const seed = (tensor: number, gradient: number) => {
    const known = seeds.get(tensor);
    seeds.set(tensor, known === undefined ? gradient : builder.op("Add", [known, gradient]));
  };
  const means: number[] = [];
  const parts: number[] = [];
  let total: number | undefined;
  const add = (id: number) => {
    total = total === undefined ? id : builder.op("Add", [total, id]);
  };
  for (const term of terms) {
    const { output, loss, weight } = term;
    if (loss === undefined) continue;
    const losses = weighted(builder, lossesOf(builder, model, term, labels), term, {
      labels,
      weights: weights.get(output),
    });
    const count = sizeOf(builder.shape(losses));
    seed(losses, filled(builder, losses, (weight * share) / count));
    const mean = shared(meanOf(builder, losses));
    if (output !== undefined) means.push(mean);
    add(weight === 1 ? mean : builder.op("Multiply", [mean, builder.scalar(weight)]));
  }
  for (const penalty of model.penalties) {
    seed(penalty, filled(builder, penalty, 1));
    add(penalty);
  }
  for (const { output, metrics } of terms) {
    for (const { metric } of metrics) {
      if (isTraced(metric)) {
        parts.push(shared(meanOf(builder, model.functions[metric.traced] as number)));
        continue;
      }
      const truth = labels.get(output as string);
      invariant(truth !== undefined, "metrics", `output "${output}" has no labels`);
      const part = metricParts(builder, metric, tensorOf(model, output), truth);
      parts.push(metricJoins(metric) === "mean" ? shared(part) : part);
    }
  }
  invariant(total !== undefined, "loss", "nothing is judged");
  const shown = showsLosses(terms) ? means : [];
  const loss = sizeOf(builder.shape(total)) === 1 ? flat(builder, total) : total;
  return { total: loss, figures: [loss, ...shown, ...parts], seeds };
}

function lossesOf(
  builder: GraphBuilder,
  model: ModelGraph,
  { output, loss }: Term,
  labels: ReadonlyMap<string, number>,
): number {
  invariant(loss, "loss", `output "${output}" has none`);
  if (isTraced(loss)) return model.functions[loss.traced] as number;
  const truth = labels.get(output as string);
  invariant(truth !== undefined, "loss", `output "${output}" has no labels`);
  return lossTensor(builder, loss, tensorOf(model, output), truth);
}

function tensorOf(model: ModelGraph, output: string | undefined): number {
  const port = model.outputs.find(({ name }) => name === output);
  invariant(port, "loss", `there is no output "${output}"`);
  return port.tensor;
}

/** losses · weights of their rows; one loss for the whole batch is weighed by each of them, as in tfjs */
function weighted(
  builder: GraphBuilder,
  losses: number,
  { output }: Term,
  given: {
    readonly labels: ReadonlyMap<string, number>;
    readonly weights: RowWeights | undefined;
  },
): number {
  const { samples, classes } = given.weights ?? {};
  if (samples === undefined && classes === undefined) return losses;
  let result = losses;
  const [, ...row] = builder.shape(losses);
  const multiply = (weights: number) => {
    const shape = [...builder.shape(weights).slice(0, 1), ...row.map(() => 1)];
    const fitting = row.length === 0 ? weights : builder.op("Reshape", [weights], { shape });
    result = builder.op("Multiply", [result, fitting]);
  };
  if (samples !== undefined) multiply(samples);
  if (classes !== undefined) {
    multiply(weightsOfClasses(builder, given.labels.get(output as string) as number, classes));
  }
  return result;
}

/**
 * The weight of each row's class, [B]: the labels themselves where there is one a row, else their first maximum, as in
 * tfjs's standardizeWeights.
 */
function weightsOfClasses(
  builder: GraphBuilder,
  labels: number,
  classes: readonly number[],
): number {
  const shape = builder.shape(labels);
  const batch = shape[0] as number;
  const single = sizeOf(shape) === batch;
  const index = single ? labels : builder.op("ArgMax", [labels]);
  const whole = builder.tensor(index).dtype === "int32";
  const asFloat = whole ? builder.op("Cast", [index], { dtype: "float32" }) : index;
  const column = builder.op("Reshape", [asFloat], { shape: [batch, 1] });
  const numbers = builder.constant(
    Float64Array.from(classes, (_, at) => at),
    [1, classes.length],
  );
  const chosen = builder.op("Equal", [column, numbers]);
  const weights = builder.constant(Float64Array.from(classes), [1, classes.length]);
  return builder.op("Sum", [builder.op("Multiply", [chosen, weights])], {
    axes: [1],
    keepDims: false,
  });
}

function filled(builder: GraphBuilder, like: number, value: number): number {
  const shape = builder.shape(like);
  return builder.constant(new Float64Array(sizeOf(shape)).fill(value), shape);
}

const flat = (builder: GraphBuilder, id: number) =>
  `${builder.shape(id)}` === "1" ? id : builder.op("Reshape", [id], { shape: [1] });

/** Mean of all elements, [1]. */
function meanOf(builder: GraphBuilder, id: number): number {
  const count = sizeOf(builder.shape(id));
  if (count === 1) return flat(builder, id);
  const row = builder.op("Reshape", [id], { shape: [count] });
  const sum = builder.op("Sum", [row], { axes: [0], keepDims: true });
  return builder.op("Multiply", [sum, builder.scalar(1 / count)]);
}
