import "@tensorflow/tfjs-backend-cpu";
import { train } from "@tensorflow/tfjs-core";
import { layers, sequential } from "@tensorflow/tfjs-layers";
import { expect, test } from "vitest";
import {
  adadelta,
  adagrad,
  adam,
  adamax,
  lion,
  momentum,
  rmsprop,
  sgd,
} from "../graph/optimizer.js";
import { optimizerOf } from "./optimizer-of.js";

test.each([
  ["sgd", train.sgd(0.2), sgd(0.2)],
  ["momentum", train.momentum(0.1, 0.8, true), momentum(0.1, 0.8, { useNesterov: true })],
  ["adam", train.adam(), adam()],
  [
    "adam with settings",
    train.adam(0.01, 0.8, 0.99, 1e-5),
    adam(0.01, { beta1: 0.8, beta2: 0.99, epsilon: 1e-5 }),
  ],
  [
    "adamax",
    train.adamax(0.01, 0.8, 0.99, 1e-5, 0.1),
    adamax(0.01, { beta1: 0.8, beta2: 0.99, epsilon: 1e-5, decay: 0.1 }),
  ],
  ["adagrad", train.adagrad(0.1, 0.3), adagrad(0.1, { initialAccumulatorValue: 0.3 })],
  ["adadelta", train.adadelta(), adadelta(0.001)],
  [
    "adadelta with settings",
    train.adadelta(0.5, 0.8, 1e-5),
    adadelta(0.5, { rho: 0.8, epsilon: 1e-5 }),
  ],
  [
    "rmsprop",
    train.rmsprop(0.01, 0.8, 0.5, 1e-5, true),
    rmsprop(0.01, { decay: 0.8, momentum: 0.5, epsilon: 1e-5, centered: true }),
  ],
])("tf.train's %s is read with all its fields", (_name, given, wanted) => {
  expect(optimizerOf(given)).toEqual(wanted);
});

test.each(["sgd", "adam", "rmsprop", "adadelta", "adagrad", "adamax", "Adam", "RMSProp"])(
  "the name %s means what model.compile makes of it",
  (name) => {
    const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [1] })] });
    model.compile({ optimizer: name, loss: "meanSquaredError" });
    expect(optimizerOf(name)).toEqual(optimizerOf(model.optimizer));
  },
);

test("Hone's own data is taken, completed where it is in part, and checked", () => {
  const whole = lion(1e-3, { weightDecay: 0.1, factors: { dense: 0 } });
  expect(optimizerOf(structuredClone(whole))).toEqual(whole);
  expect(optimizerOf({ kind: "adam" })).toEqual(adam());
  expect(() => optimizerOf({ kind: "adam", learningRate: "fast" })).toThrow(
    /^\[hone\] adam: the learning rate is "fast"\. Give a number above 0\./,
  );
  expect(() => optimizerOf({ kind: "adam", beta3: 1 })).toThrow(/there is no option "beta3"/);
});

test.each([["a name nobody knows"], [7], [null], [{ kind: "yogi" }], [() => 0]])(
  "%s is refused with what may be given",
  (given) => {
    expect(() => optimizerOf(given)).toThrow(
      /^\[hone\] optimizer: the optimizer is .*\. Give sgd\(…\), momentum.*, one of tf\.train, or a name/,
    );
  },
);

test("another class of tfjs optimizer is refused by its name", () => {
  const own = Object.assign(Object.create(train.sgd(1)), { getClassName: () => "Mine" });
  expect(() => optimizerOf(own, "model.compile")).toThrow(
    /^\[hone\] model\.compile: its optimizer is Mine\. Use SGD, Momentum, /,
  );
});
