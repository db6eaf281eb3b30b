/** Optimizers over several steps: with and without clipping, moments too small to keep. */
import { adam, type Optimizer, scheduleRow } from "@hone/core/internals";
import { type CaseInput, list, normal, type OpCase, rounded, summed, uniform } from "./case.js";

const STEPS = 3;
const FIRST = 12;

/** The schedule of steps FIRST, FIRST + 1, … whose epoch began at step 10. */
const EPOCH_START = 10;
const schedule = (optimizer: Optimizer): CaseInput =>
  list(
    Array.from({ length: 6 }, (_, row) => scheduleRow(optimizer, row + 10, 0.1 / (row + 1))).flat(),
    6,
    3,
  );
const epochStart: CaseInput = { ...list([EPOCH_START]), dtype: "int32" };
const rates = schedule({ kind: "sgd", learningRate: 0.1 });

const tolerance = {
  ...rounded,
  absolute: 2e-6,
  reason: "three steps of a dozen roundings on numbers of size 1",
};
const range = { first: FIRST, steps: STEPS };

interface Rule {
  readonly op: string;
  readonly name: string;
  readonly slots: number;
  readonly attributes: Readonly<Record<string, number | boolean>>;
  readonly schedule: CaseInput;
}

const adamSettings = { beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };
const RULES: readonly Rule[] = [
  { op: "ApplySgd", name: "plain", slots: 0, attributes: {}, schedule: rates },
  {
    op: "ApplyMomentum",
    name: "plain",
    slots: 1,
    attributes: { momentum: 0.9, useNesterov: false },
    schedule: rates,
  },
  {
    op: "ApplyMomentum",
    name: "Nesterov's",
    slots: 1,
    attributes: { momentum: 0.8, useNesterov: true },
    schedule: rates,
  },
  {
    op: "ApplyAdam",
    name: "plain",
    slots: 2,
    attributes: adamSettings,
    schedule: schedule(adam()),
  },
  {
    op: "ApplyAdam",
    name: "of other settings",
    slots: 2,
    attributes: { beta1: 0.5, beta2: 0.9, epsilon: 1e-3 },
    schedule: schedule(adam(1, { beta1: 0.5, beta2: 0.9 })),
  },
];

function applied(rule: Rule, length: number, clip?: { norm: number; clipNorm: number }): OpCase {
  const { op, slots, attributes } = rule;
  const moments = Array.from({ length: slots }, (_, index) =>
    index === 0 ? normal(length) : uniform(0.1, 2, length),
  );
  const clipped = clip && (clip.norm > clip.clipNorm ? "clipped" : "not clipped, being short");
  return {
    op,
    name: `${rule.name}, ${length} parameters${clip ? `, ${clipped}` : ""}`,
    inputs: [
      normal(length),
      normal(length),
      ...moments,
      rule.schedule,
      epochStart,
      ...(clip ? [list([clip.norm])] : []),
    ],
    attributes: { clipNorm: clip?.clipNorm ?? 0, ...attributes },
    changed: [0, ...moments.map((_, index) => index + 2)],
    tolerance,
    range,
  };
}

const moments = (name: string, m: number[], v: number[], gradient: number[]): OpCase => ({
  op: "ApplyAdam",
  name,
  inputs: [normal(m.length), list(gradient), list(m), list(v), schedule(adam()), epochStart],
  attributes: { clipNorm: 0, ...adamSettings },
  changed: [0, 2, 3],
  tolerance: { ...tolerance, absolute: 0, relative: 4e-6 },
  range,
});

export const optimizerCases: readonly OpCase[] = [
  ...RULES.flatMap((rule) => [
    applied(rule, 1037),
    applied(rule, 3, { norm: 8, clipNorm: 2 }),
    applied(rule, 5, { norm: 1, clipNorm: 2 }),
  ]),
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
