/** The zoo: models by name, each with its task and the settings it is trained with unless told otherwise. */
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { HoneError } from "../errors.js";
import type { Augment } from "../graph/augment.js";
import { adam, type Optimizer } from "../graph/optimizer.js";
import { columnOf, type Dataset, inputNames } from "../run/dataset.js";
import type { TrainOptions } from "../run/fit-options.js";
import { isCount, isRate } from "../run/options.js";
import { oneCycle } from "../run/schedule-makers.js";
import { contentText, valueText } from "../value-text.js";
import { gpt, transformer } from "./attention-networks.js";
import { autoencoder, vae } from "./autoencoders.js";
import * as fitting from "./fitting.js";
import { mobilenet, mobilenetV2 } from "./mobile-networks.js";
import { resnet, unet } from "./picture-networks.js";
import { gruSeries, lstmText } from "./sequence-networks.js";
import { cnn, cnnCompact, cnnTuned, mlp, mlpTuned, mnistFast } from "./small-pictures.js";

/** How the learning rate moves: not at all, or by `oneCycle` with the learning rate as its peak. */
export type ScheduleName = "constant" | "one-cycle";

/** What a model is trained with unless told otherwise. */
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

/** What a model of the zoo is for. */
export interface Task {
  /** Its data set among those of `@hone/data`. */
  readonly dataset: string;
  /** As `compile` takes it; by output's name where there are several. */
  readonly loss: string | Readonly<Record<string, string>>;
  /** Accuracy where the loss takes classes, and otherwise none, unless given. */
  readonly metrics?: readonly string[];
  /**
   * What it learns: the data's labels; the picture that goes in; or that and, for each output named besides, numbers that
   * shall be 0.
   */
  readonly learns: "labels" | "input";
  readonly zeros?: readonly string[];
}

/** Options of a model of the zoo: those of its own function, which checks them. */
export type ZooOptions = object;

/** A model of the zoo: how to make it, and what for. */
export interface ZooEntry {
  readonly create: (options?: ZooOptions) => LayersModel;
  /** The options with which it takes the rows of this data; of an encoder's input alone where it learns that. */
  readonly fitting: (data: Dataset) => ZooOptions;
  readonly task: Task;
  readonly defaults: TrainingDefaults;
  readonly description: string;
}

function trainedAt(
  learningRate: number,
  others: Partial<Omit<TrainingDefaults, "learningRate">> = {},
): TrainingDefaults {
  return { optimizer: adam(learningRate), learningRate, batchSize: 64, epochs: 10, ...others };
}

/** @param dataset of the task; classes are learned, row by row or place by place, unless `others` say otherwise */
const task = (dataset: string, others: Partial<Task> = {}): Task => ({
  dataset,
  loss: "sparseCategoricalCrossentropy",
  learns: "labels",
  ...others,
});

type Maker<Options> = (options?: Options) => LayersModel;

function entry<Options>(
  create: Maker<Options>,
  parts: Omit<ZooEntry, "create" | "fitting"> & Partial<Pick<ZooEntry, "fitting">>,
): ZooEntry {
  // Each function checks the options that it is given.
  return { create: create as Maker<unknown>, fitting: fitting.classes, ...parts };
}

/** The models by name. */
export const zoo = {
  cnn: entry(cnn, {
    task: task("mnist"),
    defaults: trainedAt(1e-3),
    description: "two 3×3 convolutions of 32 filters, dense 128",
  }),
  "cnn-tuned": entry(cnnTuned, {
    task: task("mnist"),
    defaults: trainedAt(1e-4),
    description: "two 5×5 convolutions of 64 filters, dense 128, dropout 0.5",
  }),
  mlp: entry(mlp, {
    task: task("mnist"),
    defaults: trainedAt(1e-3),
    description: "dense 128 and 64, dropout 0.5",
  }),
  "mlp-tuned": entry(mlpTuned, {
    task: task("mnist"),
    defaults: trainedAt(1e-4),
    description: "dense 256 and 128, dropout 0.3",
  }),
  "cnn-compact": entry(cnnCompact, {
    task: task("mnist"),
    defaults: trainedAt(6e-3, {
      schedule: "one-cycle",
      // A mirrored digit is another sign; a mirrored shirt is a shirt.
      augment: {
        mnist: { shift: 2, flip: false },
        digits: { shift: 2, flip: false },
        "fashion-mnist": { shift: 1, flip: true },
      },
    }),
    description: "six 3×3 convolutions with batch normalisation, one-cycle, augmentation",
  }),
  "mnist-fast": entry(mnistFast, {
    task: task("mnist"),
    defaults: trainedAt(1.6e-2, {
      batchSize: 128,
      epochs: 2,
      schedule: "one-cycle",
      augment: { mnist: { shift: 1, flip: false }, digits: { shift: 1, flip: false } },
    }),
    description: "99 % on MNIST in seconds: a narrow cnn on cropped images, two epochs, one-cycle",
  }),
  mobilenet: entry(mobilenet, {
    fitting: (data) => ({ ...fitting.picture(data), alpha: 0.25 }),
    task: task("shapes"),
    defaults: trainedAt(3e-3, { batchSize: 32, epochs: 5 }),
    description: "MobileNet, a quarter as wide on data that are smaller than ImageNet",
  }),
  "mobilenet-v2": entry(mobilenetV2, {
    fitting: (data) => ({ ...fitting.picture(data), alpha: 0.35 }),
    task: task("shapes"),
    defaults: trainedAt(3e-3, { batchSize: 32, epochs: 5 }),
    description: "MobileNet V2, a third as wide on data that are smaller than ImageNet",
  }),
  resnet: entry(resnet, {
    fitting: fitting.picture,
    task: task("shapes"),
    defaults: trainedAt(1e-3, { batchSize: 32, epochs: 3 }),
    description: "a residual network of 20 layers",
  }),
  unet: entry(unet, {
    fitting: fitting.picture,
    task: task("scenes"),
    defaults: trainedAt(1e-3, { batchSize: 16, epochs: 3 }),
    description: "a U-Net, three halvings from 16 channels: a class for each pixel",
  }),
  autoencoder: entry(autoencoder, {
    fitting: fitting.shown,
    task: task("digits", { loss: "meanSquaredError", learns: "input" }),
    defaults: trainedAt(1e-3, { epochs: 5 }),
    description: "convolutions to 32 numbers, transposed ones back to the picture",
  }),
  vae: entry(vae, {
    fitting: fitting.shown,
    task: task("digits", {
      loss: { decoded: "meanSquaredError", divergence: "meanAbsoluteError" },
      learns: "input",
      zeros: ["divergence"],
    }),
    defaults: trainedAt(1e-3, { epochs: 5 }),
    description: "a variational autoencoder: dense 256, 16 normal numbers, and back",
  }),
  "lstm-text": entry(lstmText, {
    fitting: fitting.text,
    task: task("sentences"),
    defaults: trainedAt(3e-3, { epochs: 5 }),
    description: "embedding 64, LSTM 128: a class for each text",
  }),
  "gru-series": entry(gruSeries, {
    fitting: fitting.series,
    task: task("sines", { loss: "meanSquaredError", metrics: ["meanAbsoluteError"] }),
    defaults: trainedAt(3e-3, { epochs: 5 }),
    description: "GRU 32: a series' next numbers",
  }),
  transformer: entry(transformer, {
    fitting: fitting.text,
    task: task("sentences"),
    defaults: trainedAt(1e-3, { batchSize: 32, epochs: 3 }),
    description: "an encoder, width 128, 4 heads, 2 blocks: a class for each text",
  }),
  gpt: entry(gpt, {
    fitting: fitting.letters,
    task: task("sums"),
    defaults: trainedAt(1e-3, { batchSize: 32, epochs: 3 }),
    description: "a decoder, width 128, 4 heads, 4 blocks: each next letter of a text",
  }),
} as const satisfies Readonly<Record<string, ZooEntry>>;

/** The models that have names. */
export type ModelName = keyof typeof zoo;

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

/** Whether the zoo has a model of this name. */
export function isModelName(name: string): name is ModelName {
  return Object.hasOwn(zoo, name);
}

/** A fresh model of the zoo. @throws BadArgument for a name the zoo does not have, or options that the model has not */
export function createModel(name: string, options: ZooOptions = {}): LayersModel {
  return entryOf("createModel", name).create(options);
}

/** A fresh model of the zoo that takes the rows of this data, and tells its classes apart. @throws BadArgument; BadData */
export function modelFitting(name: string, data: Dataset, options: ZooOptions = {}): LayersModel {
  const { create, fitting: own } = entryOf("modelFitting", name);
  return create({ ...own(data), ...options });
}

function entryOf(where: string, name: string): ZooEntry {
  if (isModelName(name)) return zoo[name];
  const names = Object.keys(zoo).join(", ");
  throw new HoneError(
    "BadArgument",
    where,
    `there is no model ${valueText(name)}. Use one of ${names}.`,
  );
}

/** Labels for a task that learns what goes in. */
export function taskData({ learns, zeros = [] }: Task, data: Dataset): Dataset {
  if (learns === "labels") return data;
  const [name] = inputNames(data) as [string];
  const x = columnOf(data, name);
  const outputs = zeros.length === 0 ? ["y"] : ["decoded", ...zeros];
  const none = { data: new Uint8Array(data.rows), shape: [1], scale: 1, offset: 0 };
  const [decoded, ...others] = outputs as [string, ...string[]];
  const picture = { ...x, shape: fitting.pictureRow(x.shape) };
  const { classNames: _, sampleWeights: __, ...rest } = data;
  return {
    ...rest,
    columns: {
      x: picture,
      [decoded]: picture,
      ...Object.fromEntries(others.map((one) => [one, none])),
    },
    labels: outputs,
  };
}
