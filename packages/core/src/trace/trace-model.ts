/**
 * From a tf.LayersModel to a graph.
 *
 * The model's own `apply` runs on tensors without values, over a tfjs backend that records which kernels
 * it asks for. Nothing is computed; model and engine are left as they were.
 */
import { HoneError } from "../errors.js";
import {
  type ModelGraph,
  type Port,
  type PortInfo,
  TRACE_BATCHES,
  type TracedModel,
  type WeightInfo,
} from "../graph/template.js";
import type { Shape } from "../graph/types.js";
import { atOnce, type Pieces } from "../turns.js";
import { foreignReader, tensorFrom } from "./engine.js";
import { LATE } from "./late-parts.js";
import { oneTrace } from "./layers.js";
import { inputNamesOf, outputNamesOf } from "./ports.js";
import { PROOF_BATCH, reconcile, type Trace } from "./reconcile.js";
import { Recorder } from "./recorder.js";
import { computed, scalarOf } from "./results.js";
import {
  describeModel,
  isLayersModel,
  type LayersModelLike,
  type TensorLike,
} from "./tfjs-types.js";
import type { JudgeFunction } from "./trace-functions.js";
import { trainableVariables } from "./trainable.js";
import { buildAsIs, checkWired, lossesOf } from "./trained-model.js";
import { modelWarnings } from "./warnings.js";
import { distinctWeights, shapeOfWeight } from "./weights.js";

/** The block that all moving statistics share. */
const STATISTICS = "statistics";

export interface TraceOptions {
  /** Losses and metrics that are functions, traced with the model. */
  readonly functions?: readonly JudgeFunction[];
  /** Shape of one row of the labels that functions take, by output; that of the output unless given. */
  readonly labelShapes?: Readonly<Record<string, Shape>>;
  /** Shape of one row, by input, where the model leaves extents free. */
  readonly inputShapes?: Readonly<Record<string, Shape>>;
}

/**
 * Captures a model. Synchronous; the model and tfjs's engine are left as they were, also when it throws.
 *
 * @returns graphs for training and inference at any batch size, and the weights in `model.weights` order
 * @throws UnsupportedModel naming the layer, what it does and what to do instead
 */
export function traceModel(model: LayersModelLike, options: TraceOptions = {}): TracedModel {
  return atOnce(tracingModel(model, options));
}

/** `traceModel` in pieces, one for each trace; between them model and engine are as they were. */
export function* tracingModel(model: LayersModelLike, options: TraceOptions): Pieces<TracedModel> {
  const inputs = checkModel(model, options.inputShapes ?? {});
  const where = `model "${model.name}"`;
  const warnings = new Set<string>();
  const readForeign = foreignReader();
  const updated = new Set<TensorLike>();
  const trace = (batch: number, training: boolean, weights: readonly WeightInfo[]): Trace => {
    const recorder = new Recorder(where, readForeign);
    const request = { model, inputs, options, batch, training, weights };
    const advice = "Check that model.predict runs on one example.";
    const graph = oneTrace(recorder, model, advice, () => record(recorder, request));
    for (const warning of recorder.warnings) warnings.add(warning);
    for (const variable of recorder.updated) updated.add(variable);
    return { model: graph, constantLabels: recorder.build.constantLabels };
  };
  yield;
  // Which weights are moving statistics shows only once a trace has met the layers that move them.
  const first = trace(TRACE_BATCHES[0], true, weightInfos(model, new Set()));
  yield;
  const weights = weightInfos(model, updated);
  const areAllParameters = updated.size === 0;
  for (const warning of modelWarnings(model)) warnings.add(warning);
  function* template(training: boolean): Pieces<TracedModel["training"]> {
    const traces: Trace[] = training && areAllParameters ? [first] : [];
    for (const batch of [...TRACE_BATCHES, PROOF_BATCH].slice(traces.length)) {
      traces.push(trace(batch, training, weights));
      yield;
    }
    return reconcile(...(traces as [Trace, Trace, Trace]));
  }
  const training = yield* template(true);
  const inference = yield* template(false);
  const { graph, outputs } = training.two;
  return {
    training,
    inference,
    weights,
    inputs,
    outputs: outputs.map(({ name, tensor }) => {
      const shape = graph.tensors[tensor]?.shape.slice(1) ?? [];
      return { name, shape, dtype: "float32" } as const;
    }),
    warnings: [...warnings],
  };
}

interface Request {
  readonly model: LayersModelLike;
  readonly inputs: readonly PortInfo[];
  readonly options: TraceOptions;
  readonly batch: number;
  readonly training: boolean;
  readonly weights: readonly WeightInfo[];
}

function record(recorder: Recorder, request: Request): ModelGraph {
  const { model, batch, training, weights } = request;
  const { graph } = recorder;
  const hasFunctions = (request.options.functions ?? []).length > 0;
  const { traceFunctions } = LATE;
  if (hasFunctions && !traceFunctions)
    recorder.refuse("is judged by functions, which is not loaded");
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
  const inputs = request.inputs.map(({ name, shape, dtype }): Port => {
    const title = `input:${name}`;
    return { name, tensor: graph.persistent(title, "input", [batch, ...shape], { dtype }) };
  });
  const fed = inputs.map(({ tensor }) => {
    const { dtype } = graph.tensor(tensor);
    return tensorFrom(recorder.give(recorder.build.from(tensor, dtype as "float32" | "int32")));
  });
  const given = model.apply(fed.length === 1 ? fed[0] : fed, { training });
  const results = (Array.isArray(given) ? given : [given]) as readonly TensorLike[];
  const names = outputNamesOf(model);
  const outputs = results.map((result, index): Port => {
    const name = names[index] as string;
    const traced = recorder.resolve(result);
    if (traced.shape[0] !== batch) {
      const which = results.length > 1 ? `gives output "${name}" as` : "gives";
      recorder.refuse(
        `${which} [${traced.shape}] for a batch of ${batch}. Keep the batch as the first axis`,
      );
    }
    return { name, tensor: computed(recorder, recorder.build.dense(recorder.build.float(traced))) };
  });
  const penalties = training ? lossesOf(model).map((loss) => scalarOf(recorder, loss)) : [];
  const judged = {
    batch,
    inputs: new Map(inputs.map(({ name }, index) => [name, fed[index] as TensorLike])),
    outputs: new Map(outputs.map(({ name }, index) => [name, results[index] as TensorLike])),
  };
  const functions =
    hasFunctions && traceFunctions
      ? traceFunctions(recorder, request.options, judged)
      : { labels: [], functions: [] };
  return { graph: graph.build(), inputs, outputs, penalties, ...functions };
}

/** @throws BadArgument, UnsupportedModel unless it is a model that knows its inputs */
export function checkIsModel(model: LayersModelLike): void {
  if (!isLayersModel(model)) {
    const what = `the model is ${describeModel(model)}. Pass a tf.LayersModel.`;
    throw new HoneError("BadArgument", "compile", what);
  }
  if ((model.inputs ?? []).length > 0) return;
  const what = "it is not built. Give its first layer an inputShape.";
  throw new HoneError("UnsupportedModel", `model "${model.name}"`, what);
}

/** The model's inputs, every extent known. @throws UnsupportedModel, BadArgument */
function checkModel(
  model: LayersModelLike,
  given: NonNullable<TraceOptions["inputShapes"]>,
): readonly PortInfo[] {
  const where = `model "${model?.name}"`;
  const fail = (what: string): never => {
    throw new HoneError("UnsupportedModel", where, what);
  };
  checkIsModel(model);
  // A Sequential waits with its last wiring for the first call; that makes no weights.
  if (model.built === false) buildAsIs(model);
  checkWired(model);
  const names = inputNamesOf(model);
  return model.inputs.map(({ dtype, shape }, index) => {
    const name = names[index] as string;
    if (dtype !== "float32" && dtype !== "int32") {
      return fail(`its input "${name}" is ${dtype}. Use a float32 or int32 input.`);
    }
    return { name, shape: rowShape(where, name, shape.slice(1), given[name]), dtype };
  });
}

/** A row's shape, extents that the model leaves free taken from the data's. @throws BadArgument, ShapeMismatch */
function rowShape(
  where: string,
  name: string,
  shape: readonly (number | null)[],
  given: Shape | undefined,
): Shape {
  const text = `[${["batch", ...shape.map((extent) => extent ?? "free")].join(", ")}]`;
  if (!shape.includes(null)) return shape as Shape;
  if (given === undefined) {
    const what = `its input "${name}" is ${text}, so that only data can say its shape. Give \`compile\` the \`inputShape\` of one row, or train, evaluate or predict first.`;
    throw new HoneError("BadArgument", where, what);
  }
  const fits =
    given.length === shape.length && shape.every((own, at) => own === null || own === given[at]);
  if (fits) return [...given];
  const what = `its input "${name}" is ${text}, a row of the data is [${given}]. Give rows of that rank and those extents.`;
  throw new HoneError("ShapeMismatch", where, what);
}

function weightInfos(model: LayersModelLike, updated: ReadonlySet<TensorLike>): WeightInfo[] {
  const weights = distinctWeights(model);
  const trainable = trainableVariables(model);
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
