/** Random networks of several inputs and outputs, with losses, weights and metrics drawn by lot. */
import {
  type LossName,
  labelKind,
  lossOf,
  type NamedLoss,
  RandomStream,
} from "@hone/core/internals";
import { mul, type Tensor, train } from "@tensorflow/tfjs-core";
import {
  model as functionalModel,
  input,
  type LayersModel,
  layers,
  regularizers,
  type SymbolicTensor,
} from "@tensorflow/tfjs-layers";
import { tfjsLoss } from "../../test/tfjs-loss.js";
import type { FitRivalry } from "./harness.js";
import { matching, OTHER, TFJS_LOSSES } from "./loss-rivalries.js";
import { type Activation, drawWeights, labelRows, numberRows } from "./models.js";

const ROWS = 30;
const STREAM = 0x9027;
const HIDDEN_ACTIVATIONS = ["tanh", "sigmoid", "softplus", "linear"] as const;

interface Output {
  readonly name: string;
  readonly loss: LossName;
  readonly units: number;
  readonly activation: Activation;
  readonly weight: number;
  readonly metrics: readonly string[];
}

export interface RandomRivalry extends FitRivalry {
  /** For messages. */
  readonly description: string;
}

type Draw = <T>(choices: readonly T[]) => T;

/** Whether its slope is a reciprocal: behind relu float32 decides what becomes of outputs near 0 or 1. */
const isSteep = (loss: LossName) => /entropy|Divergence|poisson/i.test(loss);

function randomOutput(draw: Draw, name: string): Output {
  const loss = draw(TFJS_LOSSES);
  const sparse = loss === "sparseCategoricalCrossentropy";
  return {
    name,
    loss,
    units: draw([2, 3, 4]),
    activation: draw([matching(loss), isSteep(loss) ? matching(loss) : OTHER]),
    // tfjs has no weights of losses; a function in a loss's place, it has none for class indices.
    weight: sparse ? 1 : draw([1, 1, 0.5, 2]),
    metrics: draw<readonly string[]>(
      sparse
        ? [[], ["acc"], ["ce"]]
        : [[], ["mse"], ["mae", "cosine"], ["categoricalAccuracy", "mse"]],
    ),
  };
}

function randomNetwork(
  draw: Draw,
  widths: Readonly<Record<string, number>>,
  outputs: readonly Output[],
): LayersModel {
  const dense = (to: SymbolicTensor) =>
    layers
      .dense({
        units: draw([3, 5, 6]),
        activation: draw(HIDDEN_ACTIVATIONS),
        useBias: draw([true, true, false]),
        ...draw([{}, {}, { kernelRegularizer: regularizers.l2({ l2: 0.01 }) }]),
      })
      .apply(to) as SymbolicTensor;
  const inputs = Object.entries(widths).map(([name, width]) => input({ shape: [width], name }));
  const branches = inputs.map((one) => (draw([true, false]) ? dense(one) : one));
  let trunk = branches[0] as SymbolicTensor;
  if (branches.length > 1) trunk = layers.concatenate().apply(branches) as SymbolicTensor;
  if (draw([true, false, false])) {
    trunk = layers.batchNormalization({ momentum: 0.9 }).apply(trunk) as SymbolicTensor;
  }
  const shared = dense(trunk);
  return functionalModel({
    inputs,
    outputs: outputs.map(({ name, units, activation }) => {
      const from = draw([shared, shared, trunk]);
      return layers.dense({ units, activation, name }).apply(from) as SymbolicTensor;
    }),
  });
}

/** tfjs's loss times its weight, as tfjs is told of it. */
function forTfjs({ loss, weight }: Output): string | ((labels: Tensor, output: Tensor) => Tensor) {
  if (weight === 1) return loss;
  const plain = tfjsLoss(loss);
  return (labels, output) => mul(plain(labels, output), weight);
}

const isOfClasses = ({ loss }: Output) =>
  ["class-index", "one-hot"].includes(labelKind(lossOf(loss) as NamedLoss));

/** The same for a seed everywhere. */
export function randomRivalry(seed: number): RandomRivalry {
  const random = new RandomStream(seed, STREAM);
  const draw: Draw = (choices) => choices[random.nextInteger(choices.length)] as never;
  const names = ["first", "second", "third"];
  const some = () => names.slice(0, draw([1, 2, 3]));
  const widths = Object.fromEntries(some().map((name) => [`${name}In`, draw([1, 2, 4])]));
  const outputs = some().map((name) => randomOutput(draw, name));
  const model = randomNetwork(draw, widths, outputs);
  drawWeights(model, seed);
  const byName = <T>(of: (output: Output, at: number) => T) =>
    Object.fromEntries(outputs.map((output, at) => [output.name, of(output, at)]));
  const steep = outputs.some(({ loss }) => loss === "meanAbsolutePercentageError");
  const rate = steep ? 5e-4 : 0.02;
  const optimizer = draw([train.sgd(rate), train.momentum(rate / 4, 0.9)]);
  const several = outputs.length > 1;
  const weighted = outputs.some(({ weight }) => weight !== 1);
  const classWeight = byName(({ units }) =>
    Object.fromEntries([...Array(units).keys()].map((at) => [at, draw([0.5, 1, 3])])),
  );
  const weighsClasses = outputs.every(isOfClasses) && draw([true, false]);
  const metrics = byName((output) => [...output.metrics]);
  return {
    description: outputs
      .map(({ loss, activation, weight }) => `${weight} ${loss} behind ${activation}`)
      .concat(`${Object.keys(widths).length} inputs, ${optimizer.getClassName()}`)
      .join("; "),
    model,
    rows: ROWS,
    x: Object.fromEntries(
      Object.entries(widths).map(([name, width], at) => [
        name,
        numberRows(ROWS, [width], seed + at),
      ]),
    ),
    y: byName(({ loss, units }, at) => labelRows(loss, ROWS, units, seed + 31 * (at + 1))),
    tfjs: { optimizer, loss: byName(forTfjs) as never, metrics: metrics as never },
    hone: {
      loss: byName(({ loss }) => loss),
      lossWeights: byName(({ weight }) => weight),
    },
    // The loss of one output is without its weight here, as in Keras.
    ...(several && weighted && { leftOut: /_loss$/ }),
    // What tfjs tells of the validation of several outputs is wrong.
    ...(!several && { validationRows: 9 }),
    ...(weighsClasses && { classWeight: several ? classWeight : Object.values(classWeight)[0] }),
    epochs: 3,
  } as RandomRivalry;
}
