/**
 * Which weights train, and where tfjs's own fit would train others.
 *
 * A tf.Sequential trains a hidden tf.LayersModel, made anew by each `compile`. It holds the layers of a
 * nested model that stands first directly, so a freeze of that model is lost; making it also sets
 * `trainable` of every weight of its layers. And `compile` keeps the list of what trains: a layer
 * thawed later does not train in tfjs until `compile` is called again.
 */
import { isContainer } from "./structure.js";
import {
  isVariable,
  type LayersModelLike,
  type LayerVariableLike,
  type ModelLayer,
  type TensorLike,
} from "./tfjs-types.js";
import { trainedModel } from "./trained-model.js";

interface TrainedModel extends ModelLayer {
  /** Kept by `compile`. */
  readonly collectedTrainableWeights?: readonly LayerVariableLike[] | null;
  readonly _trainableWeights?: readonly LayerVariableLike[];
}

/** The variables that `trainable` of layers, models and weights leaves to be trained. */
export function trainableVariables(model: LayersModelLike): ReadonlySet<TensorLike> {
  return new Set(model.trainableWeights.map((weight) => weight.read()).filter(learns));
}

/** tfjs's optimizers pass over a variable whose own `trainable` was set to false. */
const learns = (variable: TensorLike) => !isVariable(variable) || variable.trainable;

/** What tfjs's fit would train: as compiled, or else as `model.compile` would find it. */
function trainedByTfjs(model: LayersModelLike): {
  readonly variables: ReadonlySet<TensorLike>;
  readonly compiled: boolean;
} {
  const given = model as unknown as TrainedModel;
  const trained = trainedModel(model) as unknown as TrainedModel;
  const collected = trained.collectedTrainableWeights;
  if (collected) {
    return { variables: new Set(collected.map((w) => w.read()).filter(learns)), compiled: true };
  }
  const { compiled, variables } = { compiled: false, variables: trainableVariables(model) };
  if (trained === given || given.trainable === false || !isContainer(trained)) {
    return { variables, compiled };
  }
  const found = trained.layers.flatMap((layer: TrainedModel) =>
    !isContainer(layer) && layer.trainable && layer._trainableWeights?.length
      ? layer._trainableWeights
      : (layer.trainableWeights ?? []),
  );
  return { variables: new Set(found.map((weight) => weight.read())), compiled };
}

/** Weights that train here and not in tfjs's fit, or the other way about, one line for each kind. */
export function trainingWarnings(model: LayersModelLike): readonly string[] {
  const here = trainableVariables(model);
  const { variables: there, compiled } = trainedByTfjs(model);
  const names = (test: (variable: TensorLike) => boolean) => {
    const chosen = model.weights.filter((weight) => test(weight.read()));
    return [...new Set(chosen.map(({ name }) => `"${name}"`))];
  };
  const still = names((variable) => there.has(variable) && !here.has(variable));
  const moved = names((variable) => here.has(variable) && !there.has(variable));
  const why = compiled ? "as model.compile left it" : "after model.compile";
  return [
    ...(still.length > 0
      ? [
          `weights ${list(still)}: they are frozen and stay as they are; tfjs's own fit, ${why}, would train them.`,
        ]
      : []),
    ...(moved.length > 0
      ? [
          `weights ${list(moved)}: they train, as \`trainable\` says now; tfjs's own fit would leave them as they are until model.compile is called again.`,
        ]
      : []),
  ];
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, 6).join(", ");
  return names.length > 6 ? `${shown} and ${names.length - 6} more` : shown;
}
