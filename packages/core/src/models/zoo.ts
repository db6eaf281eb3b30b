/** The zoo: models by name, with the settings they are trained with unless told otherwise. */
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { HoneError } from "../errors.js";
import type { Augment } from "../graph/augment.js";
import { adam, type Optimizer } from "../graph/optimizer.js";
import type { TrainOptions } from "../run/fit-options.js";
import { isCount, isRate } from "../run/options.js";
import { oneCycle } from "../run/schedule.js";
import { contentText, valueText } from "../value-text.js";
import { cnn, cnnCompact, cnnTuned, mlp, mlpTuned, mnistFast } from "./networks.js";
import type { ModelOptions } from "./stack.js";

export type ModelName = "cnn" | "cnn-tuned" | "mlp" | "mlp-tuned" | "cnn-compact" | "mnist-fast";

/** How the learning rate moves: not at all, or by `oneCycle` with the learning rate as its peak. */
export type ScheduleName = "constant" | "one-cycle";

export interface TrainingDefaults {
  readonly optimizer: Optimizer;
  readonly learningRate: number;
  readonly batchSize: number;
  readonly epochs: number;
  /** `constant` unless given. */
  readonly schedule?: ScheduleName;
  /** By name of the data set, since what leaves a label true depends on it; no augmentation where there is none. */
  readonly augment?: Readonly<Record<string, Augment>>;
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
  "cnn-compact": {
    create: cnnCompact,
    defaults: {
      ...trainedAt(6e-3),
      schedule: "one-cycle",
      // A mirrored digit is another sign; a mirrored shirt is a shirt.
      augment: {
        mnist: { shift: 2, flip: false },
        digits: { shift: 2, flip: false },
        "fashion-mnist": { shift: 1, flip: true },
      },
    },
    description: "six 3×3 convolutions with batch normalisation, one-cycle, augmentation",
  },
  "mnist-fast": {
    create: mnistFast,
    defaults: {
      ...trainedAt(1.6e-2),
      batchSize: 128,
      epochs: 2,
      schedule: "one-cycle",
      augment: { mnist: { shift: 1, flip: false }, digits: { shift: 1, flip: false } },
    },
    description: "99 % on MNIST in seconds: a narrow cnn on cropped images, two epochs, one-cycle",
  },
};

/**
 * What `session.fit` takes to train by an entry's defaults.
 * @param dataset the data set's name, for the augmentation
 * @param epochs the defaults' own unless given; the schedule spans them
 */
export function trainOptions(
  defaults: TrainingDefaults,
  dataset: string,
  epochs: number = (defaults as TrainingDefaults | undefined)?.epochs ?? Number.NaN,
): TrainOptions & { readonly augment?: Augment } {
  const { learningRate, batchSize, schedule, augment } = checkedDefaults(defaults);
  const own = augment && Object.hasOwn(augment, dataset) ? augment[dataset] : undefined;
  return {
    epochs,
    batchSize,
    ...(schedule === "one-cycle" && { learningRate: oneCycle({ peak: learningRate, epochs }) }),
    ...(own && { augment: own }),
  };
}

function checkedDefaults(given: TrainingDefaults): TrainingDefaults {
  const { batchSize, learningRate } = (given ?? {}) as Partial<TrainingDefaults>;
  if (isCount(batchSize) && isRate(learningRate)) return given;
  const what = `${contentText(given)} was given. Give the \`defaults\` of an entry of the zoo.`;
  throw new HoneError("BadArgument", "trainOptions", what);
}

export function isModelName(name: string): name is ModelName {
  return Object.hasOwn(zoo, name);
}

/** A fresh model of the zoo. @throws BadArgument for a name the zoo does not have, a bad seed or number of classes */
export function createModel(name: string, options: ModelOptions = {}): LayersModel {
  if (isModelName(name)) return zoo[name].create(options);
  const names = Object.keys(zoo).join(", ");
  throw new HoneError(
    "BadArgument",
    "createModel",
    `there is no model ${valueText(name)}. Use one of ${names}.`,
  );
}
