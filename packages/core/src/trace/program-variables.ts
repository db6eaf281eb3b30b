/** The variables of a program: found in what people give for them, read, and written. */
import { tensor } from "@tensorflow/tfjs-core";
import { HoneError } from "../errors.js";
import { valueText } from "../value-text.js";
import { weightPlaces } from "./structure.js";
import {
  isVariable,
  type LayersModelLike,
  type LayerVariableLike,
  type TensorLike,
} from "./tfjs-types.js";
import type { VariableLike } from "./trace-program.js";

/**
 * tf.Variables in what is given: themselves, weights of layers, layers and models, lists of any. Each once, in order.
 * @param which of a model's or layer's weights: those that train, or every one in an order that `trainable` does not
 * change, so that a frozen twin has the same
 * @throws BadArgument for anything else, and for what was disposed
 */
export function variablesIn(
  where: string,
  given: unknown,
  which: "trainable" | "every" = "trainable",
): readonly VariableLike[] {
  const found = new Set<VariableLike>();
  const visit = (one: unknown): void => {
    for (const part of partsOf(where, one, which)) {
      if (isTensorVariable(part)) found.add(checked(where, part));
      else visit(part);
    }
  };
  visit(given);
  if (found.size > 0) return [...found];
  const what =
    "nothing it is given has a variable that trains. Give at least one, or set `trainable` of the layers to true before.";
  throw new HoneError("BadArgument", where, what);
}

const isTensorVariable = (one: unknown): one is VariableLike =>
  typeof one === "object" && one !== null && "dataId" in one && isVariable(one as TensorLike);

/** What something given is made of: itself, where it is a variable. @throws BadArgument */
function partsOf(where: string, one: unknown, which: "trainable" | "every"): readonly unknown[] {
  if (Array.isArray(one)) return one;
  if (isTensorVariable(one)) return [one];
  if (typeof one === "object" && one !== null) {
    const { read, trainableWeights } = one as Partial<LayerVariableLike & LayersModelLike>;
    if (typeof read === "function") return [(one as LayerVariableLike).read()];
    if (!Array.isArray(trainableWeights)) return refuse(where, one);
    if (which === "trainable") return trainableWeights;
    return weightPlaces(one as LayersModelLike).map(({ variable }) => variable);
  }
  return refuse(where, one);
}

function refuse(where: string, one: unknown): never {
  const what = `its variables hold ${valueText(one)}. Give tf.Variables, layers or models.`;
  throw new HoneError("BadArgument", where, what);
}

function checked(where: string, variable: VariableLike): VariableLike {
  if ((variable as { isDisposed?: boolean }).isDisposed === true) {
    const what = `the variable "${variable.name}" was disposed. Make the program before that.`;
    throw new HoneError("BadArgument", where, what);
  }
  if (variable.dtype === "float32") return variable;
  const what = `the variable "${variable.name}" is ${variable.dtype}. Use float32.`;
  throw new HoneError("UnsupportedModel", where, what);
}

/** A model or layer among what is given for variables, of whose kind others then are too. */
export function modelOf(given: unknown): LayersModelLike | undefined {
  if (Array.isArray(given)) return given.map(modelOf).find((model) => model !== undefined);
  const isModel = typeof given === "object" && given !== null && "getClassName" in given;
  return isModel && "apply" in given ? (given as unknown as LayersModelLike) : undefined;
}

/** Copies of the values. @throws UnsupportedModel when tfjs's backend cannot read them synchronously */
export function readVariables(variables: readonly VariableLike[]): Float32Array[] {
  return variables.map((variable) => {
    try {
      return Float32Array.from(variable.dataSync() as ArrayLike<number>);
    } catch (cause) {
      const what =
        "its values cannot be read. Make it on a tfjs backend that reads synchronously, such as cpu.";
      throw new HoneError("UnsupportedModel", `variable "${variable.name}"`, what, { cause });
    }
  });
}

export function writeVariables(
  variables: readonly VariableLike[],
  values: readonly Float32Array[],
): void {
  for (const [index, variable] of variables.entries()) {
    const value = tensor(values[index] as Float32Array, [...variable.shape], "float32");
    (variable as unknown as { assign(value: unknown): void }).assign(value);
    value.dispose();
  }
}
