/** The zoo: models by name, with the settings they are trained with unless told otherwise. */
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { HoneError } from "../errors.js";
import { adam, type Optimizer } from "../graph/optimizer.js";
import { cnn, cnnTuned, mlp, mlpTuned } from "./networks.js";
import type { ModelOptions } from "./stack.js";

export type ModelName = "cnn" | "cnn-tuned" | "mlp" | "mlp-tuned";

export interface TrainingDefaults {
  readonly optimizer: Optimizer;
  readonly learningRate: number;
  readonly batchSize: number;
  readonly epochs: number;
}

export interface ZooEntry {
  readonly create: (options?: ModelOptions) => LayersModel;
  readonly defaults: TrainingDefaults;
  readonly description: string;
}

function trainedAt(learningRate: number): TrainingDefaults {
  return { optimizer: adam(learningRate), learningRate, batchSize: 64, epochs: 10 };
}

export const zoo: Readonly<Record<ModelName, ZooEntry>> = {
  cnn: {
    create: cnn,
    defaults: trainedAt(1e-3),
    description: "two 3×3 convolutions of 32 filters, dense 128",
  },
  "cnn-tuned": {
    create: cnnTuned,
    defaults: trainedAt(1e-4),
    description: "two 5×5 convolutions of 64 filters, dense 128, dropout 0.5",
  },
  mlp: {
    create: mlp,
    defaults: trainedAt(1e-3),
    description: "dense 128 and 64, dropout 0.5",
  },
  "mlp-tuned": {
    create: mlpTuned,
    defaults: trainedAt(1e-4),
    description: "dense 256 and 128, dropout 0.3",
  },
};

export function isModelName(name: string): name is ModelName {
  return Object.hasOwn(zoo, name);
}

/** A fresh model of the zoo. @throws BadArgument for a name the zoo does not have */
export function createModel(name: string, options: ModelOptions = {}): LayersModel {
  if (isModelName(name)) return zoo[name].create(options);
  const names = Object.keys(zoo).join(", ");
  throw new HoneError(
    "BadArgument",
    "createModel",
    `there is no model "${name}". Use one of ${names}.`,
  );
}
