/** Recurrent layers over all their steps: every activation, one step, one unit, one row, units that fill no vector. */
import { type CaseInput, normal, type OpCase, summed, type Tolerance } from "./case.js";

type Name = "SimpleRNN" | "GRU" | "LSTM";

const GATES = { SimpleRNN: 1, GRU: 3, LSTM: 4 } as const;
const STATES = { SimpleRNN: 1, GRU: 1, LSTM: 2 } as const;
const RESULTS = { SimpleRNN: 1, GRU: 2, LSTM: 3 } as const;

const through: Tolerance = {
  ...summed,
  absolute: 2e-6,
  reason: "what is rounded in one time step passes through all later ones",
};

/** Small enough that what a step changes does not grow from step to step. */
const scaledTo = (scale: number, ...shape: readonly number[]): CaseInput => ({
  shape,
  values: { kind: "normal", scale },
});

type Sizes = readonly [steps: number, batch: number, units: number];

/** @param scale of what the inputs give: from 2.5 on a hard sigmoid is flat */
function operands(name: Name, [steps, batch, units]: Sizes, scale = 1): readonly CaseInput[] {
  const width = GATES[name] * units;
  const states = Array.from({ length: STATES[name] }, () => normal(batch, units));
  return [scaledTo(scale, steps, batch, width), scaledTo(units ** -0.5, units, width), ...states];
}

const attributesOf = (name: Name, activation: string, recurrentActivation: string) =>
  name === "SimpleRNN" ? { activation } : { activation, recurrentActivation };

const SIZES: readonly Sizes[] = [
  [1, 3, 4],
  [4, 1, 1],
  [5, 7, 8],
  [3, 13, 19],
  [2, 6, 33],
  [2, 70, 5],
];

const ACTIVATIONS = [
  ["tanh", "hardSigmoid"],
  ["relu", "sigmoid"],
  ["linear", "sigmoid"],
  ["sigmoid", "tanh"],
  ["hardSigmoid", "relu"],
] as const;

const casesOf = (name: Name): readonly OpCase[] => [
  ...SIZES.flatMap((sizes): OpCase[] => {
    const inputs = operands(name, sizes);
    const attributes = attributesOf(name, "tanh", "sigmoid");
    const told = `of ${sizes[0]} steps, ${sizes[1]} rows, ${sizes[2]} units`;
    const results = RESULTS[name];
    return [
      { op: name, name: told, inputs, attributes, tolerance: through, gradient: "differences" },
      { op: name, name: `${told}, all it gives`, inputs, attributes, results, tolerance: through },
    ];
  }),
  ...ACTIVATIONS.map(
    ([own, recurrent]): OpCase => ({
      op: name,
      name: `with ${own} and ${recurrent}`,
      inputs: operands(name, [3, 4, 6], 0.4),
      attributes: attributesOf(name, own, recurrent),
      tolerance: through,
      gradient: "differences",
    }),
  ),
  {
    op: name,
    name: "with hard sigmoids that are flat in places",
    inputs: operands(name, [3, 4, 7], 4),
    attributes: attributesOf(name, "hardSigmoid", "hardSigmoid"),
    tolerance: through,
    gradient: "reference",
  },
];

/** The loops backwards, on operands of their own. */
const backwards: readonly OpCase[] = SIZES.flatMap(([steps, batch, units]): OpCase[] => {
  const told = `of ${steps} steps, ${batch} rows, ${units} units`;
  const [sequence, state] = [normal(steps, batch, units), normal(batch, units)];
  const kernel = (gates: number) => scaledTo(units ** -0.5, units, gates * units);
  const gates = (count: number): CaseInput => ({
    shape: [steps, batch, count * units],
    values: { kind: "uniform", low: 0, high: 1 },
  });
  const attributes = { activation: "tanh", recurrentActivation: "sigmoid" };
  const common = { attributes, tolerance: through } as const;
  return [
    {
      ...common,
      op: "SimpleRNNGrad",
      name: told,
      inputs: [kernel(1), gates(1), sequence],
      results: 2,
    },
    {
      ...common,
      op: "GRUGrad",
      name: told,
      inputs: [kernel(3), state, gates(3), sequence, sequence],
      results: 2,
    },
    {
      ...common,
      op: "LSTMGrad",
      name: told,
      inputs: [kernel(4), state, gates(4), sequence, sequence, sequence],
      results: 3,
    },
  ];
});

export const recurrentCases: readonly OpCase[] = [
  ...casesOf("SimpleRNN"),
  ...casesOf("GRU"),
  ...casesOf("LSTM"),
  {
    op: "LSTM",
    name: "whose both states are read",
    inputs: operands("LSTM", [4, 3, 5]),
    nodes: [
      {
        op: "LSTM",
        inputs: [0, 1, 2, 3],
        attributes: attributesOf("LSTM", "tanh", "sigmoid"),
        results: 3,
      },
      { op: "Square", inputs: [5] },
      { op: "Add", inputs: [4, 7] },
    ],
    tolerance: through,
    gradient: "differences",
  },
  {
    op: "LSTM",
    name: "whose second state alone is read",
    inputs: operands("LSTM", [3, 2, 4]),
    nodes: [
      {
        op: "LSTM",
        inputs: [0, 1, 2, 3],
        attributes: attributesOf("LSTM", "tanh", "sigmoid"),
        results: 3,
      },
      { op: "Square", inputs: [5] },
    ],
    tolerance: through,
    gradient: "differences",
  },
  ...backwards,
];
