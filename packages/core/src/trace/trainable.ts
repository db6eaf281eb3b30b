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

/** tfjs's optimizers pass over a variable whose own `trainable` was set to false. */
function learnt(weight: LayerVariableLike): boolean {
  const variable = weight.read();
  return !isVariable(variable) || variable.trainable;
}

/** The variables that `trainable` of layers, models and weights leaves to be trained. */
export function trainableVariables(model: LayersModelLike): ReadonlySet<TensorLike> {
  return new Set(model.trainableWeights.filter(learnt).map((weight) => weight.read()));
}

/** What tfjs's fit would train, each as often as it would move it in a step. */
interface Trained {
  readonly variables: readonly TensorLike[];
  /** False for what `model.compile` would still have to find. */
  readonly compiled: boolean;
}

function trainedByTfjs(model: LayersModelLike): Trained {
  const trained = trainedModel(model) as unknown as TrainedModel;
  const kept = trained.collectedTrainableWeights;
  const compiled = kept !== undefined && kept !== null;
  const weights = kept ? kept.filter(learnt) : collectedByCompile(model, trained);
  return { variables: weights.map((weight) => weight.read()), compiled };
}

function collectedByCompile(
  model: LayersModelLike,
  trained: TrainedModel,
): readonly LayerVariableLike[] {
  const { trainable } = model as unknown as ModelLayer;
  if (trained === (model as unknown) || trainable === false || !isContainer(trained)) {
    return model.trainableWeights.filter(learnt);
  }
  return trained.layers.flatMap((layer: TrainedModel) =>
    !isContainer(layer) && layer.trainable && layer._trainableWeights?.length
      ? layer._trainableWeights
      : (layer.trainableWeights ?? []).filter(learnt),
  );
}

/** Weights that train otherwise than in tfjs's fit, one line for each way. */
export function trainingWarnings(model: LayersModelLike): readonly string[] {
  const here = trainableVariables(model);
  const { variables, compiled } = trainedByTfjs(model);
  const there = new Set(variables);
  const lines: string[] = [];
  const warn = (what: string, test: (variable: TensorLike) => boolean) => {
    const chosen = model.weights.filter((weight) => test(weight.read()));
    const names = [...new Set(chosen.map(({ name }) => `"${name}"`))];
    if (names.length > 0) lines.push(`weights ${list(names)}: ${what}.`);
  };
  warn(
    `they are frozen and stay as they are; tfjs's own fit, ${compiled ? "as model.compile left it" : "after model.compile"}, would train them`,
    (variable) => there.has(variable) && !here.has(variable),
  );
  warn(
    "they train, as `trainable` says now; tfjs's own fit would leave them as they are until model.compile is called again",
    (variable) => here.has(variable) && !there.has(variable),
  );
  const often = new Set(variables.filter((variable, at) => variables.indexOf(variable) !== at));
  warn(
    "several nested models share them, and tfjs's own fit moves them once for each in a step; here they move once",
    (variable) => often.has(variable) && here.has(variable),
  );
  return lines;
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, 6).join(", ");
  return names.length > 6 ? `${shown} and ${names.length - 6} more` : shown;
}
