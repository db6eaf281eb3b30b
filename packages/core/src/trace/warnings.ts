/** What a user should know of a model that is compiled: where it does other than they may think. */
import { isContainer, layersOf } from "./structure.js";
import type { LayersModelLike, ModelLayer } from "./tfjs-types.js";
import { trainingWarnings } from "./trainable.js";
import { distinctWeights } from "./weights.js";

/** Lines that each name a weight or a layer. */
export function modelWarnings(model: LayersModelLike): readonly string[] {
  return [...constraints(model), ...trainingWarnings(model), ...calls(model), ...penalties(model)];
}

function constraints(model: LayersModelLike): readonly string[] {
  return distinctWeights(model)
    .filter(({ constraint }) => constraint !== null && constraint !== undefined)
    .map(
      ({ name }) =>
        `weight "${name}": its constraint is not applied in training, as in tfjs's fit.`,
    );
}

/** tfjs keeps the `training` of a symbolic call in the model and in its file, and never reads it again. */
function calls(model: LayersModelLike): readonly string[] {
  const seen = new Set<ModelLayer>();
  const walk = (container: ModelLayer): readonly string[] => {
    if (!isContainer(container) || seen.has(container)) return [];
    seen.add(container);
    return container.layers.flatMap((layer) => [
      ...(layer.inboundNodes ?? []).flatMap(({ callArgs }, at) => {
        const training = callArgs?.training;
        const own = container.containerNodes?.has(`${layer.name}_ib-${at}`);
        if (!own || training === undefined || training === null) return [];
        return [
          `layer "${layer.name}": it was called with training: ${training}, which tfjs's fit and predict pass over, and so does Hone: it trains in fit and is still in predict.`,
        ];
      }),
      ...walk(layer),
    ]);
  };
  return [...new Set(walk(model as unknown as ModelLayer))];
}

/** tfjs asks a recurrent layer and Bidirectional for their penalties, and never the cell that has them. */
function penalties(model: LayersModelLike): readonly string[] {
  return layersOf(model)
    .filter((layer) => hasPenalty(layer) && (layer.losses?.length ?? 0) === 0)
    .map(
      ({ name }) =>
        `layer "${name}": the regularizers of its cells are not added to the loss, as in tfjs's fit.`,
    );
}

function hasPenalty(layer: ModelLayer): boolean {
  const { cell, cells = [], forwardLayer, backwardLayer } = layer;
  const inner = [cell, ...cells, forwardLayer, backwardLayer].filter((one) => one !== undefined);
  return inner.some((one) => (one.losses?.length ?? 0) > 0 || hasPenalty(one));
}
