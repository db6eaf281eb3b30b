/**
 * Ops that only a plan makes, each by the pattern it is made of: a convolution with the max pool behind
 * it and their gradients, and the gradient of relu, alone and behind a pool.
 */
import {
  type CaseInput,
  distinct,
  exact,
  list,
  normal,
  type OpCase,
  rounded,
  summed,
  wholeFloats,
} from "./case.js";

const POOL = { filterSize: [2, 2], strides: [2, 2], padding: [0, 0, 0, 0] };

interface PooledLayer {
  readonly name: string;
  readonly image: readonly [batch: number, height: number, width: number, channels: number];
  readonly filter: readonly [height: number, width: number];
  readonly filters: number;
  readonly strides?: readonly [number, number];
  readonly padding?: readonly number[];
  readonly relu?: boolean;
  readonly bias?: boolean;
  /** Images that are known when the graph is made need no gradient, as a first layer's. */
  readonly constant?: boolean;
}

/** Convolution, bias, relu, pool. */
function pooled(op: string, layer: PooledLayer): OpCase {
  const { name, image, filter, filters, relu = true, bias = true, constant = false } = layer;
  const { strides = [1, 1], padding = [0, 0, 0, 0] } = layer;
  const window = { strides: [...strides], padding: [...padding], dilations: [1, 1] };
  const inputs: CaseInput[] = [
    { ...normal(...image), constant },
    normal(...filter, image[3], filters),
    ...(bias ? [normal(filters)] : []),
  ];
  const chain = [
    { op: "Conv2D", inputs: [0, 1], attributes: window },
    ...(bias ? [{ op: "Add", inputs: [3, 2] }] : []),
  ];
  const next = () => inputs.length + chain.length - 1;
  if (relu) chain.push({ op: "Relu", inputs: [next()] });
  const nodes = [...chain, { op: "MaxPool", inputs: [next()], attributes: POOL }];
  return { op, name, inputs, nodes, tolerance: summed, gradient: "differences" };
}

const LAYERS: readonly PooledLayer[] = [
  { name: "one channel, 3x3", image: [2, 8, 9, 1], filter: [3, 3], filters: 8 },
  { name: "one channel, 3x3, to 5", image: [3, 7, 6, 1], filter: [3, 3], filters: 5 },
  { name: "one channel, 5x5", image: [2, 9, 9, 1], filter: [5, 5], filters: 4 },
  { name: "3 channels, linear", image: [2, 7, 8, 3], filter: [3, 3], filters: 5, relu: false },
  {
    name: "no bias, linear",
    image: [2, 6, 7, 4],
    filter: [2, 2],
    filters: 6,
    relu: false,
    bias: false,
  },
  { name: "9 channels to 12, 3x3", image: [2, 7, 9, 9], filter: [3, 3], filters: 12 },
  {
    name: "strided and padded on one side",
    image: [2, 9, 10, 2],
    filter: [3, 5],
    filters: 7,
    strides: [2, 2],
    padding: [0, 1, 2, 1],
  },
];

const FIRST: readonly PooledLayer[] = [
  { name: "of a first layer", image: [2, 12, 12, 1], filter: [3, 3], filters: 32, constant: true },
  { name: "of colours", image: [5, 7, 7, 3], filter: [3, 3], filters: 8, constant: true },
];

const LATER: readonly PooledLayer[] = [
  { name: "of a second layer", image: [2, 13, 13, 32], filter: [3, 3], filters: 32 },
  { name: "where one cell is left", image: [3, 3, 3, 2], filter: [2, 2], filters: 3 },
  { name: "of 1x1", image: [2, 5, 4, 6], filter: [1, 1], filters: 9 },
];

const SLOPES = [
  [2, 6, 8, 4],
  [3, 7, 5, 3],
  [1, 3, 2, 9],
] as const;

/** A single number is the seed of a mask. */
const asSeed = (input: CaseInput): CaseInput =>
  input.shape.length === 1 ? { ...input, dtype: "int32" } : input;

const SUMS = [
  [[5, 7], [0]],
  [[4, 6], [1]],
  [
    [2, 3, 5, 9],
    [0, 1, 2],
  ],
  [
    [3, 5, 4],
    [0, 1, 2],
  ],
  [[3, 5, 4], [1]],
] as const;

export const fusedCases: readonly OpCase[] = [
  ...LAYERS.map((layer) => pooled("FusedConv2DMaxPool", layer)),
  ...FIRST.map((layer) => pooled("FusedConv2DMaxPoolBackpropFilter", layer)),
  ...LATER.map((layer) => pooled("FusedConv2DMaxPoolBackpropInput", layer)),
  ...SLOPES.flatMap((image): OpCase[] => [
    {
      op: "MultiplyByStep",
      name: `made of relu's gradient, of [${image}]`,
      inputs: [normal(...image)],
      nodes: [{ op: "Relu", inputs: [0] }],
      tolerance: exact,
      gradient: "differences",
    },
    {
      op: "MultiplyByStep",
      name: `made of a leaky relu's gradient, of [${image}]`,
      inputs: [normal(...image)],
      nodes: [{ op: "LeakyRelu", inputs: [0], attributes: { alpha: 0.25 } }],
      tolerance: exact,
      gradient: "differences",
    },
    {
      op: "MaxPoolGradByStep",
      name: `made of the gradients of relu and pool, of [${image}]`,
      inputs: [distinct(...image)],
      nodes: [
        { op: "Relu", inputs: [0] },
        { op: "MaxPool", inputs: [1], attributes: POOL },
      ],
      tolerance: exact,
      gradient: "reference",
    },
    {
      op: "MultiplyByStep",
      name: `made of the gradients of relu and dropout, of [${image}]`,
      inputs: [normal(...image), list([7], 1)].map(asSeed),
      nodes: [
        { op: "Relu", inputs: [0] },
        { op: "Dropout", inputs: [2, 1], attributes: { rate: 0.3, ordinal: 1 } },
      ],
      tolerance: rounded,
      gradient: "differences",
    },
    {
      op: "MultiplyByStep",
      name: `made of the gradients of relu and dropout, then a pool, of [${image}]`,
      inputs: [distinct(...image), list([7], 1)].map(asSeed),
      nodes: [
        { op: "Relu", inputs: [0] },
        { op: "Dropout", inputs: [2, 1], attributes: { rate: 0.3, ordinal: 2 } },
        { op: "MaxPool", inputs: [3], attributes: POOL },
      ],
      tolerance: rounded,
      gradient: "reference",
    },
    {
      op: "MaxPoolGradByStep",
      name: `of ties, of [${image}]`,
      inputs: [wholeFloats(-1, 2, ...image)],
      nodes: [
        { op: "Relu", inputs: [0] },
        { op: "MaxPool", inputs: [1], attributes: POOL },
      ],
      tolerance: exact,
      gradient: "reference",
    },
  ]),
  ...SUMS.flatMap(([shape, axes]): OpCase[] => [
    {
      op: "MultiplySum",
      name: `made of product and sum, of [${shape}] over ${axes}`,
      inputs: [normal(...shape), normal(...shape)],
      nodes: [
        { op: "Multiply", inputs: [0, 1] },
        { op: "Sum", inputs: [2], attributes: { axes: [...axes], keepDims: true } },
      ],
      tolerance: summed,
      gradient: "differences",
    },
    {
      op: "MultiplySum",
      name: `made of square and sum, of [${shape}] over ${axes}`,
      inputs: [normal(...shape)],
      nodes: [
        { op: "Square", inputs: [0] },
        { op: "Sum", inputs: [1], attributes: { axes: [...axes], keepDims: false } },
      ],
      tolerance: summed,
      gradient: "differences",
    },
    {
      op: "MultiplySum",
      name: `of a sign and a factor, of [${shape}] over ${axes}`,
      inputs: [normal(...shape), normal(...shape)],
      nodes: [
        { op: "Sub", inputs: [0, 1] },
        { op: "Square", inputs: [2] },
        { op: "Sum", inputs: [3], attributes: { axes: [...axes], keepDims: true } },
        { op: "Sub", inputs: [1, 4] },
        { op: "Multiply", inputs: [5, 2] },
      ],
      tolerance: summed,
      gradient: "differences",
    },
  ]),
  {
    op: "MultiplyByStep",
    name: "as a node of its own",
    inputs: [normal(3, 7), normal(3, 7)],
    attributes: { alpha: 0.5 },
    tolerance: exact,
  },
];
