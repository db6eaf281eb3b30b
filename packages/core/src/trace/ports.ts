/** A model's inputs and outputs under the names tfjs has for them. */
import type { LayersModelLike, SymbolicTensorLike } from "./tfjs-types.js";

function namesOf(
  names: readonly string[] | undefined,
  tensors: readonly SymbolicTensorLike[],
): readonly string[] {
  const given = tensors.map(
    ({ sourceLayer, name }, at) => names?.[at] ?? sourceLayer?.name ?? name,
  );
  // A layer with several outputs gives all of them its name.
  return given.map((name, at) => {
    const before = given.slice(0, at).filter((other) => other === name).length;
    return before === 0 ? name : `${name}_${before}`;
  });
}

/** Names of a model's inputs, in its order: their input layers'. */
export function inputNamesOf({ inputNames, inputs }: LayersModelLike): readonly string[] {
  return namesOf(inputNames, inputs);
}

/** Names of a model's outputs, in its order: those of the layers they come from. */
export function outputNamesOf({ outputNames, outputs }: LayersModelLike): readonly string[] {
  return namesOf(outputNames, outputs);
}
