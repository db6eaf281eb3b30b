/**
 * Random networks of tfjs layers, the same for a seed everywhere: sequential and functional, over images
 * and over features, layers of a user's own among them.
 */
import "@tensorflow/tfjs-backend-cpu";
import "@hone/core/models";
import {
  adam,
  capturedWeights,
  momentum,
  type NamedLoss,
  type Optimizer,
  RandomStream,
  sgd,
} from "@hone/core/internals";
import {
  model as functionalModel,
  input,
  type LayersModel,
  layers,
  regularizers,
  type Sequential,
  type SymbolicTensor,
  sequential,
} from "@tensorflow/tfjs-layers";
import { Centred, Gate } from "./custom-layers.js";

type Layer = Parameters<Sequential["add"]>[0];
type Row = readonly number[];

export interface RandomModel {
  readonly model: LayersModel;
  readonly loss: NamedLoss;
  readonly optimizer: Optimizer;
  /** Layer classes in order, for messages. */
  readonly description: string;
  /** Shapes of one row. */
  readonly input: Row;
  readonly output: Row;
}

const STREAM = 0x40de1;
const ACTIVATIONS = [
  "relu",
  "tanh",
  "sigmoid",
  "elu",
  "selu",
  "softplus",
  "swish",
  "linear",
] as const;
const LOSSES = [
  "sparseCategoricalCrossentropy",
  "categoricalCrossentropy",
  "binaryCrossentropy",
  "meanSquaredError",
  "meanAbsoluteError",
] as const;

class Dice {
  readonly #random: RandomStream;

  constructor(seed: number) {
    this.#random = new RandomStream(seed, STREAM);
  }

  /** From `low` to `high`, both possible. */
  whole(low: number, high: number): number {
    return low + this.#random.nextInteger(high - low + 1);
  }

  chance(probability: number): boolean {
    return this.#random.nextFloat() < probability;
  }

  of<T>(choices: readonly T[]): T {
    return choices[this.#random.nextInteger(choices.length)] as T;
  }

  normal(): number {
    return this.#random.nextNormal();
  }
}

/** Grows a network layer by layer, whichever interface of tfjs it is written in. */
interface Growth {
  readonly row: Row;
  add(layer: Layer): void;
  /** Two branches and what joins them; undefined where the interface has none. */
  readonly fork?: (left: readonly Layer[], right: readonly Layer[], join: Layer) => void;
  finish(): LayersModel;
}

const rowOf = (tensor: SymbolicTensor): Row => tensor.shape.slice(1) as number[];

function sequentialGrowth(row: Row): Growth {
  const model = sequential();
  model.add(layers.inputLayer({ inputShape: [...row] }));
  return {
    get row() {
      return rowOf(model.outputs[0] as SymbolicTensor);
    },
    add: (layer) => model.add(layer),
    finish: () => model,
  };
}

function functionalGrowth(row: Row): Growth {
  const start = input({ shape: [...row] });
  let end = start;
  const applied = (layer: Layer, to: SymbolicTensor | SymbolicTensor[]) =>
    layer.apply(to) as SymbolicTensor;
  return {
    get row() {
      return rowOf(end);
    },
    add: (layer) => {
      end = applied(layer, end);
    },
    fork: (left, right, join) => {
      const branch = (steps: readonly Layer[]) => steps.reduce((x, step) => applied(step, x), end);
      end = applied(join, [branch(left), branch(right)]);
    },
    finish: () => functionalModel({ inputs: start, outputs: end }),
  };
}

/**
 * @param options.forTfjs true leaves out what tfjs cannot be compared on: dropout, whose masks are its own,
 * dilated convolutions, which it does not differentiate, and average pools that hang over the edge, whose
 * gradient it divides by cells that are not there
 */
export function randomModel(
  seed: number,
  options: { readonly forTfjs?: boolean } = {},
): RandomModel {
  const { forTfjs = false } = options;
  const dice = new Dice(seed);
  const functional = seed % 2 === 1;
  const image = dice.chance(0.6);
  const row = image ? [dice.whole(5, 9), dice.whole(5, 9), dice.whole(1, 4)] : [dice.whole(3, 20)];
  const growth = functional ? functionalGrowth(row) : sequentialGrowth(row);
  const kinds: string[] = [];
  const note = (layer: Layer) => {
    kinds.push(layer.getClassName());
    return layer;
  };
  const grow = (layer: Layer) => growth.add(note(layer));
  /** At least one layer of a user's own in every third model. */
  const custom = () => (dice.chance(0.5) ? new Gate({}) : new Centred({}));
  const wantsCustom = seed % 3 === 0;

  if (image) {
    for (let block = dice.whole(2, 4); block > 0; block--) {
      if (growth.fork && dice.chance(0.6)) forkImages(dice, growth, note, forTfjs);
      else grow(imageLayer(dice, growth.row, forTfjs));
    }
    if (wantsCustom) grow(custom());
    if (dice.chance(0.5)) grow(layers.flatten());
    else grow(dice.chance(0.5) ? layers.globalAveragePooling2d({}) : layers.globalMaxPooling2d({}));
  } else if (wantsCustom) {
    grow(custom());
  }
  for (let block = dice.whole(1, 3); block > 0; block--) {
    if (growth.fork && dice.chance(0.5)) forkFeatures(dice, growth, note);
    else grow(featureLayer(dice, forTfjs));
  }
  const loss: NamedLoss = { name: dice.of(LOSSES) };
  const units = dice.whole(loss.name.endsWith("ategoricalCrossentropy") ? 2 : 1, 5);
  grow(layers.dense({ units, activation: lastActivation(loss) }));
  const model = growth.finish();
  drawWeights(model, dice);
  const optimizer = dice.of([sgd(0.1), momentum(0.05), adam(1e-2), adam(1e-2, { clipNorm: 0.5 })]);
  const description = `${functional ? "functional" : "sequential"} over [${row}]: ${kinds.join(", ")}; ${loss.name}, ${optimizer.kind}`;
  return { model, loss, optimizer, description, input: row, output: [units] };
}

function lastActivation({ name }: NamedLoss): "softmax" | "sigmoid" | "linear" {
  if (name.endsWith("ategoricalCrossentropy")) return "softmax";
  return name === "binaryCrossentropy" ? "sigmoid" : "linear";
}

function convolution(
  dice: Dice,
  filters: number,
  row: Row,
  same: boolean,
  forTfjs: boolean,
): Layer {
  const most = Math.min(3, row[0] as number, row[1] as number);
  const strided = !same && dice.chance(0.3);
  return layers.conv2d({
    filters,
    kernelSize: [dice.whole(1, most), dice.whole(1, most)],
    padding: same ? "same" : "valid",
    strides: strided ? dice.whole(1, 2) : 1,
    dilationRate: same && dice.chance(0.2) && !forTfjs ? 2 : 1,
    activation: dice.of(ACTIVATIONS),
    useBias: dice.chance(0.8),
    ...(dice.chance(0.2) ? { kernelRegularizer: regularizers.l2({ l2: 0.01 }) } : {}),
  });
}

function imageLayer(dice: Dice, row: Row, forTfjs: boolean): Layer {
  const window = {
    poolSize: [2, 2] as [number, number],
    strides: dice.whole(1, 2),
    padding: dice.of(["same", "valid"] as const),
  };
  const large = (row[0] as number) >= 2 && (row[1] as number) >= 2;
  const choices: (() => Layer)[] = [
    () => convolution(dice, dice.whole(1, 9), row, dice.chance(0.5), forTfjs),
    () => convolution(dice, dice.whole(2, 6), row, dice.chance(0.5), forTfjs),
    () => layers.batchNormalization({ momentum: 0.9 }),
    () =>
      layers.zeroPadding2d({
        padding: [
          [1, 0],
          [0, 2],
        ],
      }),
    () => layers.leakyReLU({ alpha: 0.2 }),
    ...(large
      ? [
          () => layers.maxPooling2d(window),
          () => layers.averagePooling2d(forTfjs ? { ...window, padding: "valid" } : window),
        ]
      : []),
    ...(forTfjs ? [] : [() => layers.dropout({ rate: 0.25 })]),
  ];
  return dice.of(choices)();
}

function featureLayer(dice: Dice, forTfjs: boolean): Layer {
  const dense = () =>
    layers.dense({
      units: dice.whole(2, 17),
      activation: dice.of(ACTIVATIONS),
      useBias: dice.chance(0.8),
      ...(dice.chance(0.2)
        ? { kernelRegularizer: regularizers.l1l2({ l1: 0.001, l2: 0.01 }) }
        : {}),
    });
  return dice.of([
    dense,
    dense,
    () => layers.batchNormalization({ momentum: 0.9 }),
    () => layers.layerNormalization({}),
    () => layers.activation({ activation: dice.of(ACTIVATIONS) }),
    ...(forTfjs ? [] : [() => layers.dropout({ rate: 0.3 })]),
  ])();
}

function joint(dice: Dice): Layer {
  return dice.of([
    () => layers.add(),
    () => layers.multiply(),
    () => layers.maximum(),
    () => layers.average(),
    () => layers.concatenate(),
  ])();
}

/** Two branches of like shape; the right one may be the input itself. */
function forkImages(
  dice: Dice,
  growth: Growth,
  note: (layer: Layer) => Layer,
  forTfjs: boolean,
): void {
  const channels = growth.row[2] as number;
  const alike = () => note(convolution(dice, channels, growth.row, true, forTfjs));
  const left = [alike()];
  const right = dice.chance(0.5) ? [] : [alike()];
  growth.fork?.(left, right, note(joint(dice)));
}

function forkFeatures(dice: Dice, growth: Growth, note: (layer: Layer) => Layer): void {
  const units = growth.row[0] as number;
  const dense = () => note(layers.dense({ units, activation: dice.of(ACTIVATIONS) }));
  growth.fork?.([dense()], dice.chance(0.5) ? [] : [dense()], note(joint(dice)));
}

/** Weights of sensible size, biases not zero; variances positive. */
function drawWeights(model: LayersModel, dice: Dice): void {
  const weights = capturedWeights(model);
  const values = weights.readAll().map((old, at) => {
    const { part = "", shape = [] } = weights.places[at] ?? {};
    const fanIn = shape.slice(0, -1).reduce((product, extent) => product * extent, 1);
    return old.map(() => {
      const draw = dice.normal();
      if (/variance/.test(part)) return 0.5 + Math.abs(draw);
      if (/gamma/.test(part)) return 1 + 0.2 * draw;
      return shape.length > 1 ? draw / Math.sqrt(fanIn) : 0.2 * draw;
    });
  });
  weights.writeTo(model, values);
}
