/** Optimizers on the reference: against the plain formula, and against the optimizers of stock tfjs. */
import "@tensorflow/tfjs-backend-cpu";
import type { Device } from "@hone/core/backend";
import {
  adadelta,
  adagrad,
  adam,
  adamax,
  adamW,
  applyOptimizer,
  GraphBuilder,
  momentum,
  type Optimizer,
  optimizerKinds,
  planEntry,
  rmsprop,
  scheduleColumns,
  scheduleRow,
  sgd,
  slotNames,
} from "@hone/core/internals";
import { cpu } from "@hone/cpu";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type OptimizerState, optimizers, titleOf } from "./cases/optimizers.js";
import { largest, largestDifference } from "./compare.js";

const SIZE = 17;
const STEPS = 20;
const start = Float32Array.from({ length: SIZE }, (_, index) => Math.sin(3 * index + 1));
/** Gradients of a step: of all sizes, and none so small that a centred mean square loses it. */
const gradientsOf = (step: number) =>
  Float32Array.from({ length: SIZE }, (_, index) => {
    const wave = Math.cos(index * 1.7 + step * 0.9);
    return Math.fround((wave + Math.sign(wave) * 0.3) * 10 ** ((index % 3) - 1));
  });

let reference: Device;
beforeAll(async () => {
  reference = await cpu({ precision: 64, worker: false }).open();
});
afterAll(() => reference.close());

interface Taught {
  readonly parameters: Float64Array;
  readonly slots: readonly Float64Array[];
}

interface Options {
  readonly steps?: number;
  readonly ops?: readonly string[];
  readonly labels?: readonly string[];
}

/** Two parameters, one row of the schedule a step; the last `SIZE - 5` elements are the second's. */
async function train(optimizer: Optimizer, options: Options = {}): Promise<Taught> {
  const { steps = STEPS, ops = reference.target.ops, labels } = options;
  const builder = new GraphBuilder();
  const sizes = [5, SIZE - 5];
  const named = (role: "parameter" | "gradient", index: number) =>
    builder.persistent(`${role}:${index}`, role, [sizes[index] as number], {
      trainable: role === "parameter",
    });
  const parameters = [0, 1].map((index) => named("parameter", index));
  const gradients = [0, 1].map((index) => named("gradient", index));
  const columns = scheduleColumns(optimizer);
  const schedule = builder.persistent("schedule", "state", [steps, columns]);
  const epochStart = builder.persistent("epochStart", "state", [1], { dtype: "int32" });
  const settings = builder.op("ReadSchedule", [schedule, epochStart]);
  const flat = builder.persistent("gradients", "gradient", [SIZE], { span: gradients });
  const norm = builder.op("GlobalNorm", [flat]);
  applyOptimizer(builder, optimizer, { parameters, gradients, settings, norm, labels });
  // Padding between the parameters must not matter.
  const target = { ...reference.target, ops, alignment: 4 };
  const entry = planEntry("step", builder.build(), target);
  const executable = await reference.load({ entries: [entry] });
  const rows = Array.from({ length: steps }, (_, step) =>
    scheduleRow(optimizer, step, optimizer.learningRate),
  );
  executable.write("schedule", Float64Array.from(rows.flat()));
  const split = (values: Float32Array) => [values.subarray(0, 5), values.subarray(5)] as const;
  for (const [index, values] of split(start).entries()) {
    executable.write(`parameter:${index}`, values);
  }
  for (let step = 0; step < steps; step++) {
    for (const [index, values] of split(gradientsOf(step)).entries()) {
      executable.write(`gradient:${index}`, values);
    }
    executable.run("step", { first: step, steps: 1 });
  }
  const both = async (name: string) => {
    const [first, second] = await executable.read([`${name}:0`, `${name}:1`]);
    return Float64Array.from([...(first ?? []), ...(second ?? [])]);
  };
  const taught = {
    parameters: await both("parameter"),
    slots: await Promise.all(slotNames(optimizer).map((slot) => both(`slot.${slot}:parameter`))),
  };
  executable.dispose();
  return taught;
}

const withoutMap = () => reference.target.ops.filter((op) => op !== "Map");

test("every optimizer has a case", () => {
  const kinds = new Set(optimizers.map(({ optimizer }) => optimizer.kind));
  expect(optimizerKinds.filter((kind) => !kinds.has(kind))).toEqual([]);
});

test.each(optimizers.map((each) => [titleOf(each.optimizer), each] as const))(
  "%s takes the steps of its formula, as a Map and as what a Map is made of",
  async (_title, { optimizer, plain }) => {
    const slots = slotNames(optimizer).map(() => 0);
    const states = Array.from(start, (parameter): OptimizerState => ({ parameter, slots }));
    for (let step = 0; step < STEPS; step++) {
      const gradients = gradientsOf(step);
      for (const [index, state] of states.entries()) {
        const gradient = gradients[index] as number;
        states[index] = plain(state, gradient, optimizer.learningRate, step);
      }
    }
    for (const ops of [reference.target.ops, withoutMap()]) {
      const taught = await train(optimizer, { ops });
      const expected = states.map(({ parameter }) => parameter);
      expect(largestDifference(taught.parameters, expected)).toBeLessThan(
        1e-11 * largest(expected),
      );
      for (const [at, slot] of taught.slots.entries()) {
        const wanted = states.map((state) => state.slots[at] as number);
        expect(largestDifference(slot, wanted)).toBeLessThan(1e-11 * largest(wanted));
      }
    }
  },
);

const STOCK: readonly (readonly [Optimizer, () => tf.Optimizer])[] = [
  [sgd(0.1), () => tf.train.sgd(0.1)],
  [sgd(0.003), () => tf.train.sgd(0.003)],
  [momentum(0.01), () => tf.train.momentum(0.01, 0.9)],
  [momentum(0.05, 0.5, { useNesterov: true }), () => tf.train.momentum(0.05, 0.5, true)],
  [adam(), () => tf.train.adam()],
  [adam(0.1, { beta1: 0.5, beta2: 0.9, epsilon: 1e-3 }), () => tf.train.adam(0.1, 0.5, 0.9, 1e-3)],
  [adamax(), () => tf.train.adamax()],
  [
    adamax(0.1, { beta1: 0.5, beta2: 0.9, epsilon: 1e-3, decay: 0.2 }),
    () => tf.train.adamax(0.1, 0.5, 0.9, 1e-3, 0.2),
  ],
  [adagrad(0.01), () => tf.train.adagrad(0.01)],
  [adagrad(0.5, { initialAccumulatorValue: 0.7 }), () => tf.train.adagrad(0.5, 0.7)],
  [adadelta(), () => tf.train.adadelta()],
  [adadelta(1, { rho: 0.8, epsilon: 1e-4 }), () => tf.train.adadelta(1, 0.8, 1e-4)],
  [rmsprop(0.001), () => tf.train.rmsprop(0.001)],
  [
    rmsprop(0.01, { decay: 0.8, momentum: 0.5, epsilon: 1e-4 }),
    () => tf.train.rmsprop(0.01, 0.8, 0.5, 1e-4),
  ],
  [rmsprop(0.01, { centered: true }), () => tf.train.rmsprop(0.01, 0.9, 0, null as never, true)],
  [
    rmsprop(0.02, { decay: 0.7, momentum: 0.9, epsilon: 1e-5, centered: true }),
    () => tf.train.rmsprop(0.02, 0.7, 0.9, 1e-5, true),
  ],
];

test.each(STOCK.map((pair) => [titleOf(pair[0]), ...pair] as const))(
  "%s trains as stock tfjs does",
  async (_title, optimizer, stock) => {
    await tf.setBackend("cpu");
    const theirs = stock();
    const variable = tf.variable(tf.tensor1d(start));
    for (let step = 0; step < STEPS; step++) {
      const gradient = tf.tensor1d(gradientsOf(step));
      theirs.applyGradients({ [variable.name]: gradient });
      gradient.dispose();
    }
    const wanted = await variable.data();
    variable.dispose();
    theirs.dispose();
    const { parameters } = await train(optimizer);
    expect(largestDifference(parameters, wanted)).toBeLessThan(1e-5 * largest(wanted));
  },
);

/** sgd(1) from 0 against plain arithmetic on the gradients of each step. */
async function expectMoves(
  optimizer: Optimizer,
  move: (gradient: number, gradients: Float32Array, index: number) => number,
  labels?: readonly string[],
): Promise<void> {
  for (const ops of [reference.target.ops, withoutMap()]) {
    const { parameters } = await train(optimizer, { steps: 3, ops, ...(labels && { labels }) });
    const wanted = Array.from(start, (parameter, index) => {
      const moves = [0, 1, 2].map((step) => {
        const gradients = gradientsOf(step);
        return move(gradients[index] as number, gradients, index);
      });
      return parameter - moves.reduce((sum, each) => sum + each, 0);
    });
    expect(largestDifference(parameters, wanted)).toBeLessThan(1e-12 * largest(wanted));
  }
}

const normOf = (values: Float32Array) => Math.hypot(...values);

test("clipNorm shrinks all gradients by their global norm, clipTensorNorm each by its own", async () => {
  await expectMoves(sgd(1, { clipNorm: 3 }), (g, all) => g * Math.min(1, 3 / normOf(all)));
  await expectMoves(sgd(1, { clipNorm: 1e3 }), (g) => g);
  await expectMoves(sgd(1, { clipTensorNorm: 3 }), (g, all, index) => {
    const own = index < 5 ? all.subarray(0, 5) : all.subarray(5);
    return g * Math.min(1, 3 / normOf(own));
  });
});

test("clipValue keeps each element in its bounds", async () => {
  await expectMoves(sgd(1, { clipValue: 0.5 }), (g) => Math.max(-0.5, Math.min(0.5, g)));
});

test("factors change the rate of the layers and weights they name", async () => {
  const factors = { dense: 0.5, "other/bias": 0 };
  const labels = ["dense/kernel", "other/bias"];
  await expectMoves(sgd(1, { factors }), (g, _, index) => (index < 5 ? g / 2 : 0), labels);
});

test("weight decay is part of the gradient, or taken from the weight at the same rate", async () => {
  const decayed = start.map((value) => value * 0.25);
  const rest = (values: Float64Array) => largestDifference(values, decayed);
  const zero = { weightDecay: 0.5, clipValue: 1e-300 };
  expect(rest((await train(sgd(1, zero), { steps: 2 })).parameters)).toBeLessThan(1e-12);
  const { parameters } = await train(adamW(0.5, { weightDecay: 1, clipValue: 1e-300 }), {
    steps: 2,
  });
  expect(rest(parameters)).toBeLessThan(1e-12);
});
