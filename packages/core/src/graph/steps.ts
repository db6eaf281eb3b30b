/**
 * From a traced forward pass to whole steps: train, evaluate, predict. Each is one graph in which
 * nothing is left for the host to compute: it picks its rows, runs, and records its figures.
 */
import { applyOptimizer, inGroup, scheduleColumns } from "./apply-optimizer.js";
import type { Augment } from "./augment.js";
import { backward, type GradientBlock } from "./backward.js";
import type { GraphBuilder } from "./builder.js";
import { type DataSpec, type FedRows, feed, type RowChoice } from "./feeds.js";
import { sizeOf } from "./geometry.js";
import type { Optimizer } from "./optimizer.js";
import { simplify } from "./simplify.js";
import { stepBuilder } from "./step-builder.js";
import type { ModelGraph } from "./template.js";
import { figureColumns, figuresWidth, judge, type RowWeights, type Term } from "./terms.js";
import type { Graph } from "./types.js";

/** Rows of the ring that holds each training step's figures. */
export const METRICS_RING = 1024;

/** Room for this many rows in the batch order, and for this many steps in the schedule. */
export interface StepCapacity {
  /** None for steps whose rows the host writes. */
  readonly orderCapacity?: number;
  readonly scheduleCapacity: number;
  /** Steps whose figures are kept; `METRICS_RING` unless given. */
  readonly ringLength?: number;
  /** Whose steps they are, where a session has several kinds of them. */
  readonly group?: string | undefined;
}

/** Names of the buffers by which the host leads the steps, and of the ring by which they answer. */
export function stepBuffers({ orderCapacity, scheduleCapacity, ringLength, group }: StepCapacity) {
  const length = ringLength ?? METRICS_RING;
  const ring = inGroup("metrics", group);
  return {
    order: `${inGroup("order", group)}:${orderCapacity}`,
    schedule: `${inGroup("schedule", group)}:${scheduleCapacity}`,
    epochStart: inGroup("epochStart", group),
    ring: length === METRICS_RING ? ring : `${ring}:${length}`,
    ringLength: length,
  } as const;
}

export interface TrainingStepOptions extends StepCapacity {
  readonly data: DataSpec;
  /**
   * Rows between the starts of two steps: the batch size, also for the short last step of an epoch. Unless given, the
   * host writes the rows of each step.
   */
  readonly stride?: number;
  readonly terms: readonly Term[];
  /** Weights of an output's classes, by the output's name. */
  readonly classWeights?: Readonly<Record<string, readonly number[]>>;
  readonly optimizer: Optimizer;
  /** What people call the weights, by their tensors' names; the optimizer's `factors` need them. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Changes the images of every step anew; they stay as they are unless given. */
  readonly augment?: Augment;
}

/** Gather, augment, forward, loss, backward, optimizer, record. */
export function trainingStep(model: ModelGraph, options: TrainingStepOptions): Graph {
  const builder = stepBuilder(model.graph);
  const { fed, settings } = beginStep(builder, model, options);
  builder.adopt(model.graph.nodes);
  const weights = rowWeights(fed, options);
  const { figures, seeds } = judge(builder, model, options.terms, fed.labels, weights);
  const parameters = trainableOf(builder);
  endStep(builder, options, { ...backward(builder, seeds, parameters), settings, figures });
  return simplify(builder.build());
}

/** What a step picks, and its row of the schedule. @param model whose ports are those of the whole batch */
export function beginStep(
  builder: GraphBuilder,
  model: Pick<ModelGraph, "inputs" | "labels">,
  options: TrainingStepOptions,
): { readonly fed: FedRows; readonly settings: number } {
  const { stride, orderCapacity } = options;
  const buffers = stepBuffers(options);
  const epochStart = builder.persistent(buffers.epochStart, "state", [1], { dtype: "int32" });
  const schedule = builder.persistent(buffers.schedule, "state", [
    options.scheduleCapacity,
    scheduleColumns(options.optimizer),
  ]);
  const picked = () => [
    builder.persistent(buffers.order, "state", [orderCapacity as number], { dtype: "int32" }),
    epochStart,
  ];
  const rows: RowChoice =
    stride === undefined ? { from: "host" } : { from: "resident", stride, picked: picked() };
  const fed = feed(builder, model, options.data, rows, options.augment);
  // Early, so that threads need not meet for it before the optimizer.
  return { fed, settings: builder.op("ReadSchedule", [schedule, epochStart]) };
}

/** Weights of rows by output, of samples and of classes. */
export function rowWeights(
  { sampleWeights }: Pick<FedRows, "sampleWeights">,
  { classWeights = {} }: Pick<TrainingStepOptions, "classWeights">,
): ReadonlyMap<string, RowWeights> {
  const names = [...sampleWeights.keys(), ...Object.keys(classWeights)];
  return new Map(
    names.map((name) => [name, { samples: sampleWeights.get(name), classes: classWeights[name] }]),
  );
}

export function trainableOf(builder: GraphBuilder): readonly number[] {
  return builder.tensors.filter(({ trainable }) => trainable).map(({ id }) => id);
}

interface StepEnd extends GradientBlock {
  readonly settings: number;
  readonly figures: readonly number[];
}

/** Records norm and figures, and moves the weights. */
export function endStep(
  builder: GraphBuilder,
  options: TrainingStepOptions,
  { gradients, norm, settings, figures }: StepEnd,
): void {
  const parameters = trainableOf(builder);
  const buffers = stepBuffers(options);
  const width = figuresWidth(figureColumns(options.terms)) + 1;
  const ring = builder.persistent(buffers.ring, "metric", [buffers.ringLength, width]);
  builder.inPlace("RecordStep", [ring, norm, ...figures], [ring]);
  const labelOf = (id: number) => {
    const name = builder.tensor(id).name as string;
    return options.labels?.[name] ?? name;
  };
  applyOptimizer(builder, options.optimizer, {
    parameters,
    gradients,
    settings,
    norm,
    labels: parameters.map(labelOf),
  });
}

export interface EvaluationStepOptions {
  readonly data: DataSpec;
  readonly stride: number;
  readonly terms: readonly Term[];
  readonly ringLength: number;
}

/** Numbers that one step of an evaluation records: figures, then the outputs of `rows` rows one after another. */
export function evaluationWidth(model: ModelGraph, terms: readonly Term[]): number {
  const outputs = model.outputs.map(({ tensor }) =>
    sizeOf(model.graph.tensors[tensor]?.shape ?? []),
  );
  return figuresWidth(figureColumns(terms)) + outputs.reduce((sum, size) => sum + size, 0);
}

/**
 * Rows in order, forward without dropout, losses and metrics; records them and then the outputs in `evaluationRing`.
 * Without terms, as for a part of a model, the loss is 0.
 */
export function evaluationStep(model: ModelGraph, options: EvaluationStepOptions): Graph {
  const builder = stepBuilder(model.graph);
  const { data, stride, terms, ringLength } = options;
  const fed = feed(builder, model, data, { from: "resident", stride, picked: [] });
  builder.adopt(model.graph.nodes);
  const weights = new Map<string, RowWeights>();
  for (const [name, samples] of fed.sampleWeights) weights.set(name, { samples });
  const { figures } =
    terms.length > 0
      ? judge(builder, model, terms, fed.labels, weights)
      : { figures: [builder.constant(Float32Array.of(0), [1])] };
  const width = evaluationWidth(model, terms);
  const ring = builder.persistent(evaluationRing(ringLength, width), "metric", [ringLength, width]);
  const outputs = model.outputs.map(({ tensor }) => tensor);
  builder.inPlace("RecordStep", [ring, ...figures, ...outputs], [ring]);
  return simplify(builder.build());
}

export function evaluationRing(length: number, width: number): string {
  return `evaluation:${length}x${width}`;
}
