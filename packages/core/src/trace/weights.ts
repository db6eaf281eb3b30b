/**
 * A model's weights as plain arrays, in and out.
 *
 * They are known by the variables seen when the model was captured, and in a model built alike by where
 * they stand in it: what `trainable` says by then changes nothing.
 */
import { engine, tensor } from "@tensorflow/tfjs-core";
import { HoneError } from "../errors.js";
import { sizeOf } from "../graph/geometry.js";
import { withTensors } from "./host-tensors.js";
import { type WeightPlace, weightPlaces } from "./structure.js";
import {
  describeModel,
  isLayersModel,
  type LayersModelLike,
  type LayerVariableLike,
  type TensorLike,
} from "./tfjs-types.js";

/** The weights of a model in the order `model.weights` had when it was captured, each variable once. */
export interface CapturedWeights {
  /** Which weight stands where. */
  readonly places: readonly WeightPlace[];
  /** Copies of the values as they are now. @throws UnsupportedModel, BadArgument as `capturedWeights` */
  readAll(): Float32Array[];
  /**
   * Copies of the values of `model`, in captured order. @throws BadArgument for what is no model, or was
   * disposed; ShapeMismatch naming both weights where it is built otherwise
   */
  valuesOf(model: LayersModelLike): Float32Array[];
  /**
   * Sets the weights of the captured model, or of one built alike, to values in captured order. Nothing
   * is written unless everything fits; constraints are not applied. @throws as `valuesOf`
   */
  writeTo(model: LayersModelLike, values: readonly ArrayLike<number>[]): void;
  /** Names, layers and shapes in captured order, one line each. */
  describe(): string;
}

const ALIKE = "Use the model that was compiled, or one built alike";

/**
 * Remembers a model's weights by their variables.
 * @throws BadArgument for a model that was disposed
 */
export function capturedWeights(model: LayersModelLike): CapturedWeights {
  const order = weightPlaces(model);
  const known = new Map(order.map((place) => [place.variable, place]));
  const places = distinctWeights(model).map((weight) => known.get(weight) ?? refuse(weight));
  const targetsIn = (given: LayersModelLike) => pair(places, order, given);
  return {
    places,
    readAll: () => places.map(({ variable }) => valuesOf(variable)),
    valuesOf: (given) => targetsIn(given).map(valuesOf),
    writeTo: (given, values) => write(targetsIn(given), values),
    describe: () => places.map(described).join("\n"),
  };
}

/** `model.weights`, each variable once: layers shared by nested models are listed several times there. */
export function distinctWeights(model: LayersModelLike): readonly LayerVariableLike[] {
  const seen = new Set<unknown>();
  return model.weights.filter((weight) => {
    const variable = variableOf(weight);
    return !seen.has(variable) && seen.add(variable);
  });
}

/** @throws BadArgument for a weight of a model that was disposed */
function variableOf(weight: LayerVariableLike): TensorLike {
  try {
    return weight.read();
  } catch (cause) {
    const what = "its memory was given back by dispose(). Use the model before that, or another.";
    throw new HoneError("BadArgument", `weight "${weight.name}"`, what, { cause });
  }
}

export function shapeOfWeight(weight: LayerVariableLike): readonly number[] {
  return weight.read().shape;
}

function refuse({ name }: LayerVariableLike): never {
  const what =
    "no layer lists it among its trainableWeights or nonTrainableWeights. Let the layer that uses it list it.";
  throw new HoneError("UnsupportedModel", `weight "${name}"`, what);
}

function valuesOf(weight: LayerVariableLike): Float32Array {
  const variable = variableOf(weight);
  try {
    return Float32Array.from(variable.dataSync() as ArrayLike<number>);
  } catch (cause) {
    const what =
      "its values cannot be read. Build the model on a tfjs backend that reads synchronously, such as cpu.";
    throw new HoneError("UnsupportedModel", `weight "${weight.name}"`, what, { cause });
  }
}

/** The variables of `model` that stand for the captured ones, in captured order. */
function pair(
  captured: readonly WeightPlace[],
  order: readonly WeightPlace[],
  model: LayersModelLike,
): readonly LayerVariableLike[] {
  if (!isLayersModel(model)) {
    const what = `the model is ${describeModel(model)}. ${ALIKE}.`;
    throw new HoneError("BadArgument", "weights", what);
  }
  const others = weightPlaces(model);
  const present = new Set(others.map(({ variable }) => variable));
  if (captured.every(({ variable }) => present.has(variable))) {
    return captured.map(({ variable }) => variable);
  }
  checkAlike(order, others);
  const at = new Map(order.map(({ variable }, index) => [variable, index]));
  return captured.map(({ variable }) => others[at.get(variable) as number]?.variable as never);
}

function checkAlike(order: readonly WeightPlace[], others: readonly WeightPlace[]): void {
  for (let at = 0; at < Math.max(order.length, others.length); at++) {
    const [mine, other] = [order[at], others[at]];
    if (mine && other && key(mine) === key(other)) continue;
    differ(at, mine, other);
  }
  // The same names in another order: place and name would each say another pair.
  const names = (places: readonly WeightPlace[]) => [...new Set(places.map(({ layer }) => layer))];
  const [mine, theirs] = [names(order), names(others)];
  if (`${[...mine].sort()}` !== `${[...theirs].sort()}`) return;
  const at = order.findIndex(({ layer }, index) => layer !== others[index]?.layer);
  if (at >= 0) differ(at, order[at], others[at]);
}

const key = ({ kind, part, shape }: WeightPlace) => `${kind} ${part} ${shape}`;

const described = (place: WeightPlace | undefined) =>
  place
    ? `"${place.variable.name}" [${place.shape}] of the ${place.kind} "${place.layer}"`
    : "none";

function differ(at: number, mine: WeightPlace | undefined, other: WeightPlace | undefined): never {
  throw new HoneError(
    "ShapeMismatch",
    "weights",
    `weight ${at + 1} of the model that was compiled is ${described(mine)}, that of the other is ${described(other)}. ${ALIKE}.`,
  );
}

function write(weights: readonly LayerVariableLike[], values: readonly ArrayLike<number>[]): void {
  const mismatch = (what: string): never => {
    throw new HoneError("ShapeMismatch", "weights", `${what}. ${ALIKE}.`);
  };
  if (weights.length !== values.length) {
    mismatch(`the model has ${weights.length} weights, ${values.length} were given`);
  }
  const variables = weights.map((weight, index) => {
    const variable = variableOf(weight) as AssignableTensor;
    const { length } = values[index] as ArrayLike<number>;
    if (sizeOf(variable.shape) !== length) {
      mismatch(`weight "${weight.name}" is [${variable.shape}], ${length} values were given`);
    }
    return variable;
  });
  for (const [index, variable] of variables.entries()) {
    const shape = [...variable.shape];
    const copy = Float32Array.from(values[index] as ArrayLike<number>);
    withTensors(engine(), () => {
      const value = tensor(copy, shape, "float32");
      // Not `weight.write`: that applies the weight's constraint, which tfjs's fit does not.
      variable.assign(value as never);
      value.dispose();
    });
  }
}

interface AssignableTensor extends TensorLike {
  assign(value: never): unknown;
}
