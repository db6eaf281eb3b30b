/** Every optimizer of tf.train in several settings, beside Hone's constructor with the same ones. */
import * as hone from "@hone/core";
import { type Optimizer as TfjsOptimizer, train } from "@tensorflow/tfjs-core";
import type { Rivalry } from "./harness.js";
import { featureRows, labelRows, smallNetwork } from "./models.js";

export interface Setting {
  readonly tfjs: () => TfjsOptimizer;
  /** The constructor's name, and its arguments. */
  readonly hone: readonly [constructor: string, ...given: unknown[]];
}

export const SETTINGS: Readonly<Record<string, Setting>> = {
  sgd: { tfjs: () => train.sgd(0.1), hone: ["sgd", 0.1] },
  momentum: { tfjs: () => train.momentum(0.05, 0.9), hone: ["momentum", 0.05, 0.9] },
  "momentum by Nesterov": {
    tfjs: () => train.momentum(0.05, 0.8, true),
    hone: ["momentum", 0.05, 0.8, { useNesterov: true }],
  },
  adam: { tfjs: () => train.adam(0.01), hone: ["adam", 0.01] },
  "adam with other betas": {
    tfjs: () => train.adam(0.02, 0.8, 0.95, 1e-3),
    hone: ["adam", 0.02, { beta1: 0.8, beta2: 0.95, epsilon: 1e-3 }],
  },
  adagrad: { tfjs: () => train.adagrad(0.1), hone: ["adagrad", 0.1] },
  "adagrad from a small sum": {
    tfjs: () => train.adagrad(0.05, 0.01),
    hone: ["adagrad", 0.05, { initialAccumulatorValue: 0.01 }],
  },
  adadelta: { tfjs: () => train.adadelta(0.5), hone: ["adadelta", 0.5] },
  "adadelta with a short memory": {
    tfjs: () => train.adadelta(1, 0.8, 1e-4),
    hone: ["adadelta", 1, { rho: 0.8, epsilon: 1e-4 }],
  },
  adamax: { tfjs: () => train.adamax(0.01), hone: ["adamax", 0.01] },
  "adamax with a decay": {
    tfjs: () => train.adamax(0.02, 0.8, 0.95, 1e-4, 0.01),
    hone: ["adamax", 0.02, { beta1: 0.8, beta2: 0.95, epsilon: 1e-4, decay: 0.01 }],
  },
  rmsprop: { tfjs: () => train.rmsprop(0.01), hone: ["rmsprop", 0.01] },
  "rmsprop with a short memory": {
    tfjs: () => train.rmsprop(0.01, 0.7, 0, 1e-4),
    hone: ["rmsprop", 0.01, { decay: 0.7, epsilon: 1e-4 }],
  },
  "rmsprop with momentum": {
    tfjs: () => train.rmsprop(0.005, 0.9, 0.8),
    hone: ["rmsprop", 0.005, { momentum: 0.8 }],
  },
  // Centred, tfjs takes epsilon away under the root, where any gradient below it makes NaN.
  "rmsprop, centred": {
    tfjs: () => train.rmsprop(0.002, 0.9, 0, 1e-12, true),
    hone: ["rmsprop", 0.002, { epsilon: 1e-12, centered: true }],
  },
  "rmsprop, centred, with momentum": {
    tfjs: () => train.rmsprop(0.001, 0.8, 0.5, 1e-12, true),
    hone: ["rmsprop", 0.001, { decay: 0.8, momentum: 0.5, epsilon: 1e-12, centered: true }],
  },
};

const ROWS = 40;

/** A small network that it trains. */
export function rivalryOf(optimizer: TfjsOptimizer | string): Rivalry {
  return {
    model: smallNetwork({ out: { units: 3, activation: "softmax" } }),
    rows: ROWS,
    x: featureRows(ROWS),
    y: { out: labelRows("categoricalCrossentropy", ROWS, 3) },
    tfjs: { optimizer, loss: "categoricalCrossentropy" },
    hone: { metrics: [] },
  };
}

type Constructor = (...given: readonly unknown[]) => hone.Optimizer;

/** What Hone's constructor makes of its arguments. */
export function honeOptimizer({ hone: [name, ...given] }: Setting): hone.Optimizer {
  const constructors = hone as unknown as Readonly<Record<string, Constructor>>;
  return (constructors[name] as Constructor)(...given);
}
