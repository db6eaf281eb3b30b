/** Optimizers over several steps, and what feeds them: schedules, norms, moving averages. */
import {
  adadelta,
  adagrad,
  adam,
  adamax,
  adamW,
  amsgrad,
  lion,
  momentum,
  type Optimizer,
  rmsprop,
  scheduleRow,
  sgd,
  slotNames,
  updateOf,
} from "@hone/core/internals";
import { type CaseInput, list, normal, type OpCase, rounded, summed, uniform } from "./case.js";

/** One element: its parameter and slots after a step. */
export interface OptimizerState {
  readonly parameter: number;
  readonly slots: readonly number[];
}

/** The textbook's step, on one element. @param step counts from 0 */
export type PlainStep = (
  state: OptimizerState,
  gradient: number,
  rate: number,
  step: number,
) => OptimizerState;

export interface OptimizerCase {
  readonly optimizer: Optimizer;
  readonly plain: PlainStep;
}

const mean = (keep: number, old: number, value: number) => keep * old + (1 - keep) * value;

/** With what each weighs: the steps of Adam's family. */
const adamStep =
  (beta1: number, beta2: number, epsilon: number, decay = 0): PlainStep =>
  ({ parameter, slots: [m0 = 0, v0 = 0] }, g, rate, step) => {
    const [m, v] = [mean(beta1, m0, g), mean(beta2, v0, g * g)];
    const right = [m / (1 - beta1 ** (step + 1)), v / (1 - beta2 ** (step + 1))] as const;
    const move = right[0] / (Math.sqrt(right[1]) + epsilon) + decay * parameter;
    return { parameter: parameter - rate * move, slots: [m, v] };
  };

const momentumStep =
  (factor: number, isNesterovs: boolean): PlainStep =>
  ({ parameter, slots: [old = 0] }, g, rate) => {
    const u = factor * old + g;
    return { parameter: parameter - rate * (isNesterovs ? g + factor * u : u), slots: [u] };
  };

/** Each optimizer, and the same step written plainly. */
export const optimizers: readonly OptimizerCase[] = [
  {
    optimizer: sgd(0.1),
    plain: ({ parameter }, g, rate) => ({ parameter: parameter - rate * g, slots: [] }),
  },
  { optimizer: momentum(0.1), plain: momentumStep(0.9, false) },
  { optimizer: momentum(0.1, 0.8, { useNesterov: true }), plain: momentumStep(0.8, true) },
  { optimizer: adam(), plain: adamStep(0.9, 0.999, 1e-7) },
  {
    optimizer: adam(0.1, { beta1: 0.5, beta2: 0.9, epsilon: 1e-3 }),
    plain: adamStep(0.5, 0.9, 1e-3),
  },
  { optimizer: adamW(), plain: adamStep(0.9, 0.999, 1e-7, 0.01) },
  {
    optimizer: amsgrad(),
    plain: ({ parameter, slots: [m0 = 0, v0 = 0, largest0 = 0] }, g, rate, step) => {
      const [m, v] = [mean(0.9, m0, g), mean(0.999, v0, g * g)];
      const largest = Math.max(largest0, v);
      const root = Math.sqrt(largest / (1 - 0.999 ** (step + 1))) + 1e-7;
      const move = m / (1 - 0.9 ** (step + 1)) / root;
      return { parameter: parameter - rate * move, slots: [m, v, largest] };
    },
  },
  {
    optimizer: adamax(0.1, { decay: 0.5 }),
    plain: ({ parameter, slots: [m0 = 0, norm0 = 0] }, g, rate, step) => {
      const [m, norm] = [mean(0.9, m0, g), Math.max(0.999 * norm0, Math.abs(g))];
      const decayed = rate / (1 + 0.5 * step) / (1 - 0.9 ** (step + 1));
      return { parameter: parameter - (decayed * m) / (norm + 1e-7), slots: [m, norm] };
    },
  },
  {
    optimizer: adagrad(0.1),
    plain: ({ parameter, slots: [old = 0] }, g, rate) => {
      const growth = old + g * g;
      return {
        parameter: parameter - (rate * g) / Math.sqrt(0.1 + growth + 1e-7),
        slots: [growth],
      };
    },
  },
  {
    optimizer: adadelta(1),
    plain: ({ parameter, slots: [square = 0, update = 0] }, g, rate) => {
      const move = (Math.sqrt(update + 1e-7) / Math.sqrt(square + 1e-7)) * g;
      const slots = [mean(0.95, square, g * g), mean(0.95, update, move * move)];
      return { parameter: parameter - rate * move, slots };
    },
  },
  {
    optimizer: rmsprop(0.1),
    plain: ({ parameter, slots: [old = 0] }, g, rate) => {
      const square = mean(0.9, old, g * g);
      return { parameter: parameter - (rate * g) / Math.sqrt(square + 1e-7), slots: [square] };
    },
  },
  {
    optimizer: rmsprop(0.1, { decay: 0.8, momentum: 0.5, centered: true, epsilon: 1e-5 }),
    plain: ({ parameter, slots: [oldSquare = 0, oldMean = 0, old = 0] }, g, rate) => {
      const [square, average] = [mean(0.8, oldSquare, g * g), mean(0.8, oldMean, g)];
      const velocity = 0.5 * old + (rate * g) / Math.sqrt(square - (average * average + 1e-5));
      return { parameter: parameter - velocity, slots: [square, average, velocity] };
    },
  },
  {
    optimizer: lion(0.1, { weightDecay: 0.1 }),
    plain: ({ parameter, slots: [old = 0] }, g, rate) => {
      const move = Math.sign(mean(0.9, old, g)) + 0.1 * parameter;
      return { parameter: parameter - rate * move, slots: [mean(0.99, old, g)] };
    },
  },
];

/** What an optimizer does, for titles: its kind and the settings in which it differs. */
export function titleOf({ kind, ...settings }: Optimizer): string {
  const given = Object.entries(settings).map(([name, value]) => `${name} ${value}`);
  return `${kind} (${given.join(", ")})`;
}

const tolerance = {
  ...rounded,
  absolute: 2e-6,
  reason: "three steps of a dozen roundings on numbers of size 1",
};
const range = { first: 12, steps: 3 };

/** Settings of step 12, for all three steps. */
const settingsOf = (optimizer: Optimizer) => list(scheduleRow(optimizer, 12, 0.05));

/** Centred means are kept apart from the squares they are subtracted from. */
const slotOf = (name: string, length: number): CaseInput =>
  name === "m" || name === "velocity"
    ? normal(length)
    : name === "mean"
      ? uniform(-0.1, 0.1, length)
      : uniform(1, 2, length);

function applied(optimizer: Optimizer, length: number, norm?: number): OpCase {
  const slots = slotNames(optimizer);
  const { clipNorm } = optimizer;
  return {
    op: "Map",
    name: `${titleOf(optimizer)}, ${length} parameters${norm === undefined ? "" : `, norm ${norm}`}`,
    inputs: [
      normal(length),
      uniform(-1, 1, length),
      ...slots.map((slot) => slotOf(slot, length)),
      settingsOf(optimizer),
      ...(norm === undefined ? [] : [list([norm])]),
    ],
    attributes: updateOf(optimizer, 1, clipNorm),
    changed: [0, ...slots.map((_, index) => index + 2)],
    tolerance,
    range,
  };
}

const moments = (name: string, m: number[], v: number[], gradient: number[]): OpCase => ({
  op: "Map",
  name: `adam: ${name}`,
  inputs: [normal(m.length), list(gradient), list(m), list(v), settingsOf(adam())],
  attributes: updateOf(adam()),
  changed: [0, 2, 3],
  tolerance: { ...tolerance, absolute: 0, relative: 4e-6 },
  range,
});

export const optimizerCases: readonly OpCase[] = [
  ...optimizers.map(({ optimizer }) => applied(optimizer, 1037)),
  applied(sgd(0.1, { clipNorm: 2 }), 3, 8),
  applied(adam(0.1, { clipNorm: 2 }), 5, 1),
  applied(momentum(0.1, 0.9, { clipNorm: 2 }), 5, Number.NaN),
  applied(sgd(0.1, { clipValue: 0.25 }), 9),
  applied(adam(0.1, { weightDecay: 0.1 }), 9),
  moments(
    "moments below 1e-30 become zero",
    [1e-29, -1e-29, 1.05e-30, 1e-12, 0],
    [1e-29, 1.0005e-30, 1e-20, 5e-31, 0],
    [0, 0, 0, 0, 0],
  ),
  moments(
    "gradients from tiny to huge",
    [0, 0, 0, 0, 0],
    [0, 0, 0, 0, 0],
    [1e-12, -1e-8, 1e-4, 1e4, -1e12],
  ),
  {
    op: "ReadSchedule",
    name: "of the second row",
    inputs: [normal(4, 3), { ...list([2]), dtype: "int32" }],
    tolerance: { ...rounded, relative: 0, reason: "a copy" },
  },
  {
    op: "ReadSchedule",
    name: "outside of the schedule gives NaN",
    inputs: [normal(4, 1), { ...list([4]), dtype: "int32" }],
    tolerance: { ...rounded, relative: 0, reason: "NaN" },
  },
  {
    op: "AssignMovingAverage",
    name: "over several steps",
    inputs: [normal(2, 9), normal(2, 9)],
    attributes: { decay: 0.9 },
    changed: [0],
    tolerance: { ...summed, relative: 2e-6 },
    range,
  },
  {
    op: "AssignMovingAverage",
    name: "of slow decay",
    inputs: [normal(513), normal(513)],
    attributes: { decay: 0.99 },
    changed: [0],
    tolerance: { ...summed, reason: "float32 holds 1 - 0.99 to six digits" },
    range: { first: 0, steps: 50 },
  },
];
