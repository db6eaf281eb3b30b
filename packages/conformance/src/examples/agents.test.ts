/** The examples that learn by playing, as programs beside tfjs: gradients applied by hand, and two networks in one loss. */
import "@tensorflow/tfjs-backend-cpu";
import { type Device, program } from "@hone/core";
import { RandomStream } from "@hone/core/internals";
import * as tf from "@tensorflow/tfjs-core";
import { type LayersModel, layers, sequential } from "@tensorflow/tfjs-layers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fault } from "../against-tfjs/test/harness.js";
import { drawWeights } from "../against-tfjs/test/models.js";
import { openDevices } from "./test/devices.js";

const soak = process.env.HONE_SOAK === "1";

let devices: Device[];
beforeAll(async () => {
  devices = await openDevices();
});
afterAll(async () => {
  for (const device of devices) await device.close();
});

interface Named {
  readonly name: string;
  readonly values: ArrayLike<number>;
}

/** By the root of the mean square: Adam divides a gradient by its own size, also where that is rounding alone. */
function faultsOf(found: readonly Named[], model: LayersModel): string[] {
  return model.weights.flatMap((weight) => {
    const { originalName } = weight;
    const tensor = weight.read() as tf.Variable;
    const own = found.find(({ name }) => name === tensor.name || name === originalName);
    return fault(originalName, own?.values ?? [], tensor.dataSync(), true);
  });
}

/** What a policy network reads of the pole: position, speed, angle and its speed. */
const POLE = 4;

function policyNetwork(): LayersModel {
  const policy = sequential({
    layers: [
      layers.dense({ units: 32, activation: "elu", inputShape: [POLE] }),
      layers.dense({ units: 1 }),
    ],
  });
  drawWeights(policy, 17, 0.05);
  return policy;
}

/** Each action is taken for right, and its reward decides later how far to believe that. */
function policyLoss(policy: LayersModel, state: tf.Tensor, action: tf.Tensor): tf.Tensor {
  return tf.losses.sigmoidCrossEntropy(tf.sub(1, action), policy.apply(state) as tf.Tensor);
}

interface Play {
  readonly state: Float32Array;
  readonly action: Float32Array;
  readonly reward: number;
}

function games(rounds: number): Play[][] {
  const random = new RandomStream(9, 0xca);
  return Array.from({ length: rounds }, () =>
    Array.from({ length: 6 }, () => ({
      state: Float32Array.from({ length: POLE }, () => random.nextNormal()),
      action: Float32Array.of(random.nextInteger(2)),
      reward: random.nextNormal(),
    })),
  );
}

async function playsAsInTfjs(device: Device) {
  const policy = policyNetwork();
  const weights = policy.trainableWeights.map((weight) => weight.read()) as tf.Variable[];
  const gradientOf = (at: number) => `gradient${at}`;
  const agent = await program({
    device,
    inputs: {
      state: [POLE],
      action: [1],
      ...Object.fromEntries(weights.map(({ shape }, at) => [gradientOf(at), shape])),
    },
    functions: {
      play: {
        gradients: (given: object) => {
          const { state, action } = given as { state: tf.Tensor; action: tf.Tensor };
          return policyLoss(policy, state, action);
        },
        variables: policy,
      },
      // The slope of the sum of weight times number is the number.
      apply: {
        minimize: (given: object) => {
          const gradients = given as Record<string, tf.Tensor>;
          const products = weights.map((weight, at) =>
            tf.sum(tf.mul(weight, gradients[gradientOf(at)] as tf.Tensor)),
          );
          return tf.addN(products);
        },
        variables: policy,
        optimizer: tf.train.adam(0.05),
      },
    },
  });
  const optimizer = tf.train.adam(0.05);
  for (const plays of games(4)) {
    const sums = weights.map(({ size }) => new Float32Array(size));
    const stock = weights.map((weight) => tf.zerosLike(weight));
    for (const { state, action, reward } of plays) {
      const { loss, gradients } = await agent.run("play", { state, action });
      const { value, grads } = tf.variableGrads(
        () =>
          policyLoss(policy, tf.tensor(state, [1, POLE]), tf.tensor(action, [1, 1])) as tf.Scalar,
        weights,
      );
      expect(loss / (value.dataSync()[0] as number)).toBeCloseTo(1, 4);
      for (const [at, { name }] of weights.entries()) {
        const found = gradients[name]?.data ?? [];
        const wanted = grads[name] as tf.Tensor;
        const values = wanted.dataSync();
        expect(fault(name, found, values)).toEqual([]);
        (sums[at] as Float32Array).forEach((sum, element, all) => {
          all[element] = sum + (reward * (found[element] as number)) / plays.length;
        });
        stock[at] = tf.add(stock[at] as tf.Tensor, tf.mul(wanted, reward / plays.length));
      }
    }
    await agent.run("apply", Object.fromEntries(sums.map((sum, at) => [gradientOf(at), sum])));
    optimizer.applyGradients(
      weights.map(({ name }, at) => ({ name, tensor: stock[at] as tf.Tensor })) as never,
    );
  }
  expect(faultsOf(await agent.variables(), policy)).toEqual([]);
  agent.close();
}

test("cart-pole: gradients of each play, weighed by rewards, are applied as in tfjs", async () => {
  for (const device of devices) await playsAsInTfjs(device);
});

const BOARD = 9;
const ACTIONS = 3;

/** Stock tfjs takes a second for a row of a step at the example's own widths. */
const [NARROW, WIDE] = soak ? [128, 256] : [32, 64];

/** Its dropout keeps nothing back: the masks of tfjs are its own. */
function snakeNetwork(seed: number): LayersModel {
  const conv = (filters: number, more = {}) =>
    layers.conv2d({ filters, kernelSize: 3, strides: 1, activation: "relu", ...more });
  const network = sequential({
    layers: [
      conv(NARROW, { inputShape: [BOARD, BOARD, 2] }),
      layers.batchNormalization(),
      conv(WIDE),
      layers.batchNormalization(),
      conv(WIDE),
      layers.flatten(),
      layers.dense({ units: 100, activation: "relu" }),
      layers.dropout({ rate: 0 }),
      layers.dense({ units: ACTIONS }),
    ],
  });
  // Behind a relu that lets all of a channel through, normalisation takes its bias out again: Adam would move by rounding.
  drawWeights(network, seed, -0.3);
  return network;
}

async function learnsAsInTfjs(device: Device) {
  const [rows, steps] = soak ? [4, 10] : [2, 2];
  const [online, target] = [snakeNetwork(17), snakeNetwork(18)];
  target.trainable = false;
  type Given = Record<"state" | "action" | "reward" | "next" | "going", tf.Tensor>;
  const loss = (given: object, valued: (next: tf.Tensor) => tf.Tensor) => {
    const { state, action, reward, next, going } = given as Given;
    const values = online.apply(state, { training: true }) as tf.Tensor;
    const chosen = tf.sum(tf.mul(values, action), -1);
    const best = tf.mul(tf.max(valued(next), -1), going);
    return tf.losses.meanSquaredError(tf.add(reward, tf.mul(best, 0.99)), chosen);
  };
  const agent = await program({
    device,
    inputs: {
      state: [BOARD, BOARD, 2],
      action: [ACTIONS],
      reward: [],
      next: [BOARD, BOARD, 2],
      going: [],
    },
    functions: {
      learn: {
        minimize: (given: object) => loss(given, (next) => target.apply(next) as tf.Tensor),
        variables: online,
        optimizer: tf.train.adam(1e-3),
      },
    },
  });
  const random = new RandomStream(3, 0x5a);
  const shapes = {
    state: [rows, BOARD, BOARD, 2],
    action: [rows, ACTIONS],
    reward: [rows],
    next: [rows, BOARD, BOARD, 2],
    going: [rows],
  };
  const drawn = (length: number) => Float32Array.from({ length }, () => random.nextInteger(3) / 2);
  const optimizer = tf.train.adam(1e-3);
  for (let step = 0; step < steps; step++) {
    const action = new Float32Array(rows * ACTIONS);
    for (let row = 0; row < rows; row++) action[row * ACTIONS + random.nextInteger(ACTIONS)] = 1;
    const board = rows * BOARD * BOARD * 2;
    const batch = {
      state: drawn(board),
      action,
      reward: drawn(rows),
      next: drawn(board),
      going: drawn(rows),
    };
    const { loss: found } = await agent.run("learn", batch);
    const feed = Object.fromEntries(
      Object.entries(batch).map(([name, values]) => [
        name,
        tf.tensor(values, shapes[name as keyof typeof shapes]),
      ]),
    );
    const wanted = optimizer.minimize(
      () => loss(feed, (next) => target.predict(next) as tf.Tensor) as tf.Scalar,
      true,
      online.trainableWeights.map((weight) => weight.read()) as tf.Variable[],
    );
    expect(found / (wanted?.dataSync()[0] as number)).toBeCloseTo(1, 4);
  }
  const named = await agent.variables();
  expect(faultsOf(named, online)).toEqual([]);
  agent.close();
}

test("snake-dqn: an online network learns from a target network as in tfjs", async () => {
  for (const device of devices) await learnsAsInTfjs(device);
});
