/**
 * From a tf.LayersModel to a graph.
 *
 * The model's own `apply` runs on tensors without values, over a tfjs backend that records which kernels
 * it asks for. Nothing is computed; model and engine are left as they were.
 */
import { HoneError, isHoneError } from "../errors.js";
import {
  type ModelGraph,
  TRACE_BATCHES,
  type TracedModel,
  type WeightInfo,
} from "../graph/template.js";
import type { DataType, Shape } from "../graph/types.js";
import { foreignReader, tensorFrom, withKernels } from "./engine.js";
import { followingLayers } from "./layers.js";
import { PROOF_BATCH, reconcile, type Trace } from "./reconcile.js";
import { Recorder } from "./recorder.js";
import type { LayersModelLike, LossFunctionLike, TensorLike } from "./tfjs-types.js";
import { distinctWeights, shapeOfWeight } from "./weights.js";

/** The block that all moving statistics share. */
const STATISTICS = "statistics";

export interface TraceOptions {
  /** A loss of labels and outputs, traced with the model: one number per example, or a scalar. */
  readonly customLoss?: LossFunctionLike;
  /** Shape of one row of the labels the custom loss takes; that of the model's output unless given. */
  readonly labelShape?: Shape;
  /** float32 unless given. */
  readonly labelType?: DataType;
}

/**
 * Captures a model. Synchronous; the model and tfjs's engine are left as they were, also when it throws.
 *
 * @returns graphs for training and inference at any batch size, and the weights in `model.weights` order
 * @throws UnsupportedModel naming the layer, what it does and what to do instead
 */
export function traceModel(model: LayersModelLike, options: TraceOptions = {}): TracedModel {
  const inputShape = checkModel(model);
  const where = `model "${model.name}"`;
  const warnings = new Set<string>();
  let current = new Recorder(where, () => new Float32Array());
  const readForeign = foreignReader(() => current.where);

  return withKernels((during) =>
    followingLayers(
      model,
      () => current,
      () => {
        const trace = (batch: number, training: boolean, weights: readonly WeightInfo[]): Trace => {
          const recorder = new Recorder(where, readForeign);
          current = recorder;
          const request = { model, inputShape, options, batch, training, weights };
          const graph = named(recorder, () => during(recorder, () => record(recorder, request)));
          for (const warning of recorder.warnings) warnings.add(warning);
          return { model: graph, constantLabels: recorder.build.constantLabels };
        };
        // Which weights are moving statistics shows only once a trace has met the layers that move them.
        const first = trace(TRACE_BATCHES[0], true, weightInfos(model, new Set()));
        const { updated } = current;
        const weights = weightInfos(model, updated);
        warnOfConstraints(model, warnings);
        const template = (training: boolean) =>
          reconcile(
            training && updated.size === 0 ? first : trace(TRACE_BATCHES[0], training, weights),
            trace(TRACE_BATCHES[1], training, weights),
            trace(PROOF_BATCH, training, weights),
          );
        const training = template(true);
        const { graph, output } = training.two;
        return {
          training,
          inference: template(false),
          weights,
          inputShape,
          outputShape: graph.tensors[output]?.shape.slice(1) ?? [],
          warnings: [...warnings],
        };
      },
    ),
  );
}

interface Request {
  readonly model: LayersModelLike;
  readonly inputShape: Shape;
  readonly options: TraceOptions;
  readonly batch: number;
  readonly training: boolean;
  readonly weights: readonly WeightInfo[];
}

function record(recorder: Recorder, request: Request): ModelGraph {
  const { model, inputShape, batch, training, weights } = request;
  const { graph } = recorder;
  for (const [index, weight] of distinctWeights(model).entries()) {
    const { name, shape, role, trainable } = weights[index] as WeightInfo;
    recorder.bindWeight(
      weight.read(),
      graph.persistent(name, role, shape, {
        ...(trainable && { trainable }),
        ...(role === "state" && { block: STATISTICS }),
      }),
    );
  }
  const input = graph.persistent("input", "input", [batch, ...inputShape]);
  const x = tensorFrom(recorder.give(recorder.build.from(input)));
  const y = model.apply(x, { training });
  if (recorder.refusal) throw recorder.refusal;
  const result = recorder.resolve(y as TensorLike);
  if (result.shape[0] !== batch) {
    recorder.refuse(
      `gives [${result.shape}] for a batch of ${batch}. Keep the batch as the first axis`,
    );
  }
  const output = computed(recorder, recorder.build.dense(recorder.build.float(result)));
  const penalties = training ? model.calculateLosses().map((loss) => scalarOf(recorder, loss)) : [];
  const customLoss = recorder.naming("loss function", () =>
    traceLoss(recorder, request, y as TensorLike),
  );
  return {
    graph: graph.build(),
    input,
    output,
    penalties,
    ...(customLoss ? { customLoss } : {}),
  };
}

/** The result of a node: weights, inputs and constants are copied. */
function computed(recorder: Recorder, id: number): number {
  const scratch = recorder.graph.tensor(id).role === "scratch";
  return scratch ? id : recorder.graph.op("Identity", [id]);
}

function scalarOf(recorder: Recorder, tensor: TensorLike): number {
  return recorder.build.dense(recorder.build.reshape(recorder.resolve(tensor), []));
}

/** tfjs takes the mean of whatever a loss gives; one number per example is kept apart, for `evaluate`. */
function traceLoss(
  recorder: Recorder,
  { options, batch }: Request,
  output: TensorLike,
): { labels: number; losses: number } | undefined {
  if (!options.customLoss) return undefined;
  const { build, graph } = recorder;
  const row = options.labelShape ?? output.shape.slice(1);
  const dtype = options.labelType === "int32" ? "int32" : "float32";
  const labels = graph.persistent("labels", "input", [batch, ...row], { dtype });
  const yTrue = tensorFrom(recorder.give(build.from(labels, dtype)));
  const result = options.customLoss(yTrue as never, output as never) as TensorLike | undefined;
  if (!result || typeof result !== "object" || !("dataId" in result)) {
    return recorder.refuse("gives no tensor. Return a tensor of one number per example");
  }
  const losses = build.float(recorder.resolve(result));
  const perExample = losses.shape[0] === batch;
  const axes = losses.shape.map((_, axis) => axis).slice(perExample ? 1 : 0);
  const reduced = axes.length > 0 ? build.mean(losses, axes, false) : losses;
  return { labels, losses: computed(recorder, build.dense(reduced)) };
}

/** Whatever tfjs or the user's code throws becomes an error that names the layer. */
function named<T>(recorder: Recorder, body: () => T): T {
  try {
    return body();
  } catch (cause) {
    if (isHoneError(cause)) throw cause;
    const message = (cause instanceof Error ? cause.message : `${cause}`).replace(/\s+/g, " ");
    throw new HoneError(
      "UnsupportedModel",
      recorder.whereOf(cause),
      `it fails when it is called: ${message}${/[.!?]$/.test(message) ? "" : "."} Check that model.predict runs on one example.`,
      { cause },
    );
  }
}

/** The row's shape. @throws UnsupportedModel, BadArgument */
function checkModel(model: LayersModelLike): Shape {
  const where = `model "${model?.name}"`;
  const fail = (what: string): never => {
    throw new HoneError("UnsupportedModel", where, what);
  };
  if (model === null || typeof model !== "object" || typeof model.apply !== "function") {
    throw new HoneError("BadArgument", "compile", `the model is ${model}. Pass a tf.LayersModel.`);
  }
  const [input, ...more] = model.inputs ?? [];
  if (!input) return fail("it is not built. Give its first layer an inputShape.");
  if (more.length > 0 || model.outputs.length !== 1) {
    const counts = `${model.inputs.length} inputs and ${model.outputs.length} outputs`;
    return fail(
      `it has ${counts}; one of each is compiled for now. Join them with layers.concatenate.`,
    );
  }
  if (input.dtype !== "float32") {
    return fail(`its input is ${input.dtype}; float32 is compiled for now. Use a float32 input.`);
  }
  // A Sequential waits with its last wiring for the first call; that makes no weights.
  if (model.built === false) model.build();
  const row = input.shape.slice(1);
  if (row.some((extent) => extent === null)) {
    const shape = input.shape.map((extent) => extent ?? "null");
    return fail(`its input is [${shape}]. Give it an inputShape with every extent.`);
  }
  return row as number[];
}

function weightInfos(model: LayersModelLike, updated: ReadonlySet<TensorLike>): WeightInfo[] {
  const weights = distinctWeights(model);
  const trainable = new Set(model.trainableWeights.map((weight) => weight.read()));
  return weights.map((weight, index) => {
    const variable = weight.read();
    if (variable.dtype !== "float32") {
      throw new HoneError(
        "UnsupportedModel",
        `weight "${weight.name}"`,
        `it is ${variable.dtype}. Use a float32 weight.`,
      );
    }
    const role = updated.has(variable) ? "state" : "parameter";
    return {
      name: `${role}:${index}`,
      label: weight.name,
      shape: [...shapeOfWeight(weight)],
      role,
      trainable: role === "parameter" && trainable.has(variable),
    };
  });
}

function warnOfConstraints(model: LayersModelLike, warnings: Set<string>): void {
  for (const weight of distinctWeights(model)) {
    if (weight.constraint === null || weight.constraint === undefined) continue;
    warnings.add(
      `weight "${weight.name}": its constraint is not applied in training, as in tfjs's fit.`,
    );
  }
}
