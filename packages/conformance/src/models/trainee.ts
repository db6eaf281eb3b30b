/** Models of tfjs as trainees. */

import {
  atBatch,
  type CaptureOptions,
  captureModel,
  type LayersModelLike,
} from "@hone/core/internals";
import { createModel, type ModelName, zoo } from "@hone/core/models";
import type { Trainee } from "./trainer.js";

/** How it is trained, as `compile` takes it, and: */
export interface TraineeOptions extends CaptureOptions {
  readonly name: string;
  /** Train the forward pass of inference: no dropout, statistics that stand still. */
  readonly inference?: boolean;
}

/** Traces a model. Its weights are copied; the model is left as it was. */
export function traineeOf(model: LayersModelLike, options: TraineeOptions): Trainee {
  const { name, inference = false, ...choices } = options;
  const { traced, weights, setup } = captureModel(model, choices);
  const template = inference ? traced.inference : traced.training;
  return {
    name,
    at: (batch) => atBatch(template, batch),
    weights: traced.weights,
    values: weights,
    terms: setup.terms,
    optimizer: setup.optimizer,
  };
}

/** Models of the zoo over pictures of 28 by 28. */
export const MNIST_NAMES = (Object.keys(zoo) as readonly ModelName[]).filter(
  (name) => zoo[name].task.dataset === "mnist",
);

/** A model of the zoo with its published optimizer. */
export function zooTrainee(name: ModelName, seed = 7): Trainee {
  return traineeOf(createModel(name, { seed }), {
    name,
    loss: "sparseCategoricalCrossentropy",
    optimizer: zoo[name].defaults.optimizer,
  });
}

/** A model of the zoo without its dropout. */
export function zooTraineeWithoutDropout(name: ModelName, seed: number): Trainee {
  return traineeOf(createModel(name, { seed }), {
    name: `${name} without dropout`,
    loss: "sparseCategoricalCrossentropy",
    optimizer: zoo[name].defaults.optimizer,
    inference: true,
  });
}
