/** Depthwise convolutions and their gradients: multipliers, strides, dilation, padding, channels that fit no vector. */
import { type CaseNode, list, normal, type OpCase, summed, transcendental } from "./case.js";
import { type Convolution, windowOf } from "./convolutions.js";

/** `filters` counts those of each channel: the multiplier. */
const CONVOLUTIONS: readonly Convolution[] = [
  { name: "3x3 of one channel", image: [2, 7, 6, 1], filter: [3, 3], filters: 1 },
  { name: "3x3, same", image: [2, 6, 5, 3], filter: [3, 3], filters: 1, padding: "same" },
  {
    name: "3x3 of 8 channels, same",
    image: [2, 9, 7, 8],
    filter: [3, 3],
    filters: 1,
    padding: "same",
  },
  {
    name: "3x3 of 33 channels, same",
    image: [2, 5, 8, 33],
    filter: [3, 3],
    filters: 1,
    padding: "same",
  },
  {
    name: "3x3 of 8 channels, same, stride 2, even",
    image: [2, 8, 10, 8],
    filter: [3, 3],
    filters: 1,
    strides: [2, 2],
    padding: "same",
  },
  {
    name: "3x3 of 33 channels, same, stride 2, odd",
    image: [2, 9, 7, 33],
    filter: [3, 3],
    filters: 1,
    strides: [2, 2],
    padding: "same",
  },
  {
    name: "3x3 of 12 channels, stride 2, padded by numbers",
    image: [3, 9, 9, 12],
    filter: [3, 3],
    filters: 1,
    strides: [2, 2],
    padding: [0, 1, 0, 1],
  },
  { name: "3x3 of one row", image: [1, 1, 9, 4], filter: [3, 3], filters: 1, padding: "same" },
  { name: "3x3 of one column", image: [2, 6, 1, 5], filter: [3, 3], filters: 1, padding: "same" },
  { name: "3x3 of one pixel", image: [3, 1, 1, 8], filter: [3, 3], filters: 1, padding: "same" },
  { name: "multiplied by 2", image: [2, 5, 6, 3], filter: [3, 3], filters: 2 },
  {
    name: "multiplied by 3, same",
    image: [2, 6, 5, 8],
    filter: [3, 3],
    filters: 3,
    padding: "same",
  },
  {
    name: "of one channel multiplied by 8, stride 2",
    image: [2, 8, 7, 1],
    filter: [3, 3],
    filters: 8,
    strides: [2, 2],
    padding: "same",
  },
  {
    name: "of 33 channels multiplied by 2, dilated",
    image: [1, 7, 6, 33],
    filter: [2, 3],
    filters: 2,
    dilations: [2, 2],
  },
  {
    name: "dilated, same",
    image: [2, 9, 8, 8],
    filter: [3, 3],
    filters: 1,
    dilations: [2, 2],
    padding: "same",
  },
  {
    name: "dilated, unequal, of 3 channels",
    image: [1, 8, 9, 3],
    filter: [3, 2],
    filters: 1,
    dilations: [2, 3],
    padding: "same",
  },
  { name: "5x5, same", image: [2, 7, 8, 4], filter: [5, 5], filters: 1, padding: "same" },
  {
    name: "5x4, unequal strides, padded by numbers",
    image: [2, 11, 9, 6],
    filter: [5, 4],
    filters: 1,
    strides: [2, 3],
    padding: [1, 3, 0, 2],
  },
  { name: "1x1", image: [2, 4, 5, 6], filter: [1, 1], filters: 1 },
  { name: "of the whole image", image: [3, 5, 4, 4], filter: [5, 4], filters: 1 },
  {
    name: "stride larger than the window",
    image: [2, 8, 8, 5],
    filter: [2, 2],
    filters: 1,
    strides: [3, 3],
  },
  {
    name: "wholly in the padding at a corner",
    image: [1, 4, 4, 4],
    filter: [2, 2],
    filters: 1,
    padding: [3, 0, 3, 0],
  },
  {
    name: "over a larger batch",
    image: [11, 6, 6, 8],
    filter: [3, 3],
    filters: 1,
    padding: "same",
  },
];

const filterOf = ({ image, filter, filters }: Convolution) => normal(...filter, image[3], filters);

const same = { strides: [1, 1], padding: [1, 1, 1, 1], dilations: [1, 1] };
const strided = { strides: [2, 2], padding: [0, 1, 0, 1], dilations: [1, 1] };

/** The pattern of a layer, which a plan may fuse. */
function layer(activation: string | undefined, attributes: CaseNode["attributes"]): CaseNode[] {
  const nodes: CaseNode[] = [
    { op: "DepthwiseConv2dNative", inputs: [0, 1], ...(attributes ? { attributes } : {}) },
    { op: "Add", inputs: [3, 2] },
  ];
  return activation ? [...nodes, { op: activation, inputs: [4] }] : nodes;
}

const fused = { op: "FusedDepthwiseConv2D", tolerance: summed } as const;

export const depthwiseCases: readonly OpCase[] = [
  ...CONVOLUTIONS.map(
    (convolution): OpCase => ({
      op: "DepthwiseConv2dNative",
      name: convolution.name,
      inputs: [normal(...convolution.image), filterOf(convolution)],
      attributes: windowOf(convolution),
      tolerance: summed,
      gradient: "differences",
    }),
  ),
  {
    op: "DepthwiseConv2dNative",
    name: "keeps NaN to its channel and to the windows that hold it",
    inputs: [
      list([...new Array(40).fill(1), Number.NaN, ...new Array(34).fill(2)], 1, 5, 5, 3),
      normal(2, 2, 3, 1),
    ],
    attributes: { ...same, padding: [0, 1, 0, 1] },
    tolerance: transcendental,
  },
  {
    op: "DepthwiseConv2dNativeBackpropInput",
    name: "where some pixels lie in no window",
    inputs: [normal(2, 3, 3, 4), normal(2, 2, 4, 1)],
    attributes: {
      strides: [3, 3],
      padding: [0, 0, 0, 0],
      dilations: [1, 1],
      inputShape: [2, 10, 10, 4],
    },
    tolerance: summed,
    gradient: "differences",
  },
  {
    op: "DepthwiseConv2dNativeBackpropInput",
    name: "of a multiplied one",
    inputs: [normal(2, 4, 3, 10), normal(3, 3, 5, 2)],
    attributes: { ...strided, inputShape: [2, 8, 7, 5] },
    tolerance: summed,
    gradient: "differences",
  },
  {
    op: "DepthwiseConv2dNativeBackpropFilter",
    name: "over a larger batch, multiplied",
    inputs: [normal(9, 8, 8, 3), normal(9, 8, 8, 6)],
    attributes: { ...same, filterShape: [3, 3, 3, 2] },
    tolerance: summed,
    gradient: "differences",
  },
  {
    ...fused,
    name: "made of convolution and bias",
    inputs: [normal(2, 6, 6, 5), normal(3, 3, 5, 1), normal(5)],
    nodes: layer(undefined, same),
    gradient: "differences",
  },
  {
    ...fused,
    name: "made of convolution, bias and relu, strided",
    inputs: [normal(2, 7, 7, 8), normal(3, 3, 8, 1), normal(8)],
    nodes: layer("Relu", strided),
    gradient: "differences",
  },
  {
    ...fused,
    name: "made of convolution, bias and relu6, multiplied",
    inputs: [
      normal(2, 7, 6, 3),
      { ...normal(3, 3, 3, 2), values: { kind: "normal", scale: 4 } },
      normal(6),
    ],
    nodes: layer("Relu6", same),
  },
  {
    ...fused,
    name: "not made where the convolution is read elsewhere too",
    inputs: [normal(2, 5, 5, 2), normal(3, 3, 2, 1), normal(2)],
    nodes: [...layer("Relu6", same), { op: "Multiply", inputs: [3, 5] }],
    alsoCompared: [2],
    gradient: "differences",
  },
  {
    ...fused,
    name: "with bias and relu",
    inputs: [normal(2, 6, 7, 4), normal(3, 3, 4, 1), normal(4)],
    attributes: { ...same, activation: "relu" },
  },
  {
    ...fused,
    name: "with bias and relu6, of 33 channels, strided",
    inputs: [
      normal(2, 7, 7, 33),
      { ...normal(3, 3, 33, 1), values: { kind: "normal", scale: 4 } },
      normal(33),
    ],
    attributes: { ...strided, activation: "relu6" },
  },
  {
    ...fused,
    name: "without bias, linear",
    inputs: [normal(1, 6, 6, 2), normal(3, 3, 2, 3)],
    attributes: { ...same, activation: "linear" },
  },
];
