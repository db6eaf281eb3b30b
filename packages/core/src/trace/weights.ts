/** A model's weights as plain arrays, in and out. */
import { tensor } from "@tensorflow/tfjs-core";
import { HoneError } from "../errors.js";
import { sizeOf } from "../graph/geometry.js";
import type { LayersModelLike, LayerVariableLike, TensorLike } from "./tfjs-types.js";

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
    const what = "its memory was given back by dispose(). Compile the model before that.";
    throw new HoneError("BadArgument", `weight "${weight.name}"`, what, { cause });
  }
}

export function shapeOfWeight(weight: LayerVariableLike): readonly number[] {
  return weight.read().shape;
}

/**
 * Copies of the weights' values, in `model.weights` order with each variable once.
 * @throws UnsupportedModel when tfjs's backend cannot read them synchronously
 */
export function readWeights(model: LayersModelLike): Float32Array[] {
  return distinctWeights(model).map((weight) => {
    try {
      return Float32Array.from(weight.read().dataSync() as ArrayLike<number>);
    } catch (cause) {
      const what =
        "its values cannot be read. Build the model on a tfjs backend that reads synchronously, such as cpu.";
      throw new HoneError("UnsupportedModel", `weight "${weight.name}"`, what, { cause });
    }
  });
}

/**
 * Sets the weights, in the order `readWeights` gives. Nothing is written unless everything fits.
 * @throws ShapeMismatch
 */
export function writeWeights(model: LayersModelLike, values: readonly ArrayLike<number>[]): void {
  const weights = distinctWeights(model);
  if (weights.length !== values.length) {
    throw new HoneError(
      "ShapeMismatch",
      "writeBack",
      `the model has ${weights.length} weights, ${values.length} were given. Write back to the model that was compiled, or to one built alike.`,
    );
  }
  for (const [index, weight] of weights.entries()) {
    const shape = shapeOfWeight(weight);
    const length = (values[index] as ArrayLike<number>).length;
    if (sizeOf(shape) !== length) {
      throw new HoneError(
        "ShapeMismatch",
        "writeBack",
        `weight "${weight.name}" is [${shape}], ${length} values were given. Write back to the model that was compiled, or to one built alike.`,
      );
    }
  }
  for (const [index, weight] of weights.entries()) {
    const value = tensor(
      Float32Array.from(values[index] as ArrayLike<number>),
      [...shapeOfWeight(weight)],
      "float32",
    );
    weight.write(value as never);
    value.dispose();
  }
}
