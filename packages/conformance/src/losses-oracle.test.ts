/** Every loss that tfjs has, value and gradient, against stock tfjs's own function and autodiff. */
import "@tensorflow/tfjs-backend-cpu";
import "@hone/core/models";
import type { Device } from "@hone/core/backend";
import {
  type GraphBuilder,
  LOSS_NAMES,
  labelKind,
  lossOf,
  lossTensor,
  type NamedLoss,
  RandomStream,
} from "@hone/core/internals";
import { cpu } from "@hone/cpu";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { computed, type SmallInput } from "./test/small-graph.js";
import { type TfjsLoss, tfjsLoss } from "./test/tfjs-loss.js";

let reference: Device;
beforeAll(async () => {
  await tf.ready();
  reference = await cpu({ precision: 64, worker: false }).open();
});
afterAll(() => reference.close());

const ACTIVATIONS = {
  softmax: { op: "Softmax", tfjs: (x: tf.Tensor) => tf.softmax(x) },
  sigmoid: { op: "Sigmoid", tfjs: (x: tf.Tensor) => tf.sigmoid(x) },
  relu: { op: "Relu", tfjs: (x: tf.Tensor) => tf.relu(x) },
  linear: { op: "Identity", tfjs: (x: tf.Tensor) => x },
} as const;
type Activation = keyof typeof ACTIVATIONS;

const SHAPES = [
  [6, 4],
  [2, 3, 4],
] as const;

/** Pre-activations: ordinary ones, and where nothing is squashed some outside of every clip, and ties. */
function preActivations(size: number, activation: Activation, random: RandomStream): Float32Array {
  const squashed = activation === "softmax" || activation === "sigmoid";
  const special = [0, 1, 0.5, 0.25, 0.25, 1e-8, 1.5, -0.25, 1 - 6e-8, 3];
  return Float32Array.from({ length: size }, (_, at) => {
    const value = random.nextFloat();
    if (squashed) return 6 * value - 3;
    return at % 3 === 1 ? (special[((at - 1) / 3) % special.length] as number) : 0.05 + 0.9 * value;
  });
}

function labelsFor(loss: NamedLoss, shape: readonly number[], random: RandomStream): SmallInput {
  const columns = shape.at(-1) as number;
  const size = shape.reduce((product, extent) => product * extent, 1);
  const rows = size / columns;
  const pick = () => random.nextInteger(columns);
  const filled = (value: (at: number) => number) => ({
    shape,
    values: Float32Array.from({ length: size }, (_, at) => value(at)),
  });
  switch (labelKind(loss)) {
    case "class-index":
      return { shape: shape.slice(0, -1), values: Int32Array.from({ length: rows }, pick) };
    case "one-hot": {
      const classes = Array.from({ length: rows }, pick);
      // The last row's are soft, and sum to other than 1.
      return filled((at) => {
        const row = Math.floor(at / columns);
        if (row === rows - 1) return [0.5, 0.25, 0, 0.5][at % columns] as number;
        return classes[row] === at % columns ? 1 : 0;
      });
    }
    case "binary":
      return filled((at) => [0, 1, 0.25][at % 3] as number);
    case "sign":
      return filled((at) => (at % 2 === 0 ? 1 : -1));
    case "distribution":
      return filled((at) => [0.1, 0, 0.6, 0.3][at % columns] as number);
    case "number":
      return filled((at) => [0.25, 0, 1.5, 0.5, 3][at % 5] as number);
  }
}

interface Comparison {
  readonly loss: NamedLoss;
  readonly x: SmallInput;
  readonly labels: SmallInput;
  readonly activation: Activation;
  readonly tfjs: TfjsLoss;
}

async function expectSame({ loss, x, labels, activation, tfjs }: Comparison): Promise<void> {
  const { op, tfjs: activate } = ACTIVATIONS[activation];
  const found = await computed(reference, [x, labels], (builder: GraphBuilder, ids) => {
    const [input, target] = ids as [number, number];
    return lossTensor(builder, loss, builder.op(op, [input]), target);
  });
  const wanted = tf.tidy(() => {
    const [given, target] = [
      tf.tensor(x.values, [...x.shape]),
      // tfjs takes the floor of class indices, and that only of float32.
      tf.tensor(Float32Array.from(labels.values), [...labels.shape]),
    ];
    const lossOfInput = (at: tf.Tensor) => tfjs(target, activate(at));
    const values = lossOfInput(given);
    const gradient = tf.grad((at) => tf.mean(lossOfInput(at)))(given);
    return { shape: values.shape, values: values.dataSync(), gradient: gradient.dataSync() };
  });
  expect(found.shape).toEqual(wanted.shape);
  expectClose(found.values, wanted.values);
  expectClose(found.gradient, wanted.gradient);
}

/**
 * Equal to 1e-5 of the element, or of the middle one in size where it is smaller; NaN and infinities
 * where the other has them.
 */
function expectClose(found: ArrayLike<number>, wanted: ArrayLike<number>): void {
  const list = Array.from(wanted);
  const sizes = list.filter((value) => value !== 0 && Number.isFinite(value)).map(Math.abs);
  const middle = sizes.sort((a, b) => a - b)[Math.floor(sizes.length / 2)] ?? 0;
  const faults = list.flatMap((value, at) => {
    const other = found[at] as number;
    const error = Math.abs(value - other);
    const same = Object.is(value, other) || error <= 1e-5 * Math.max(Math.abs(value), middle);
    return same ? [] : [`element ${at} is ${other}, in tfjs ${value}`];
  });
  expect(faults).toEqual([]);
}

const TFJS_LOSSES = LOSS_NAMES.slice(0, 14);

describe.each(TFJS_LOSSES)("the %s of tfjs", (name) => {
  const loss = lossOf(name) as NamedLoss;
  test.each(Object.keys(ACTIVATIONS) as Activation[])("is ours, behind %s", async (activation) => {
    for (const shape of SHAPES) {
      const random = new RandomStream(7, 1);
      const x = { shape, values: preActivations(24, activation, random) };
      const labels = labelsFor(loss, shape, random);
      await expectSame({ loss, x, labels, activation, tfjs: tfjsLoss(name) });
    }
  });
});
