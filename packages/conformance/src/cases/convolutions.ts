/** Convolutions and their gradients: strides, dilation, unequal padding, channels that fit no vector. */
import { samePadding } from "@hone/core/internals";
import { type CaseNode, list, normal, type OpCase, summed, transcendental } from "./case.js";

export interface Convolution {
  readonly name: string;
  readonly image: readonly [batch: number, height: number, width: number, channels: number];
  readonly filter: readonly [height: number, width: number];
  readonly filters: number;
  readonly strides?: readonly [number, number];
  readonly dilations?: readonly [number, number];
  /** `valid` unless given; or numbers: top, bottom, left, right. */
  readonly padding?: "same" | readonly number[];
}

const CONVOLUTIONS: readonly Convolution[] = [
  { name: "3x3 of one channel", image: [2, 7, 7, 1], filter: [3, 3], filters: 4 },
  { name: "1x1", image: [2, 4, 5, 6], filter: [1, 1], filters: 3 },
  { name: "of the whole image", image: [3, 5, 4, 2], filter: [5, 4], filters: 3 },
  { name: "3x3, same", image: [2, 6, 5, 3], filter: [3, 3], filters: 5, padding: "same" },
  {
    name: "2x2, same, padded on one side",
    image: [2, 5, 5, 2],
    filter: [2, 2],
    filters: 3,
    padding: "same",
  },
  {
    name: "5x3, same, stride 2",
    image: [2, 9, 8, 2],
    filter: [5, 3],
    filters: 4,
    strides: [2, 2],
    padding: "same",
  },
  {
    name: "3x3, unequal strides",
    image: [1, 11, 9, 3],
    filter: [3, 3],
    filters: 2,
    strides: [2, 3],
  },
  {
    name: "stride larger than the window",
    image: [2, 8, 8, 2],
    filter: [2, 2],
    filters: 2,
    strides: [3, 3],
  },
  { name: "dilated", image: [2, 9, 9, 2], filter: [3, 3], filters: 3, dilations: [2, 2] },
  {
    name: "dilated, same, unequal",
    image: [1, 8, 9, 3],
    filter: [3, 2],
    filters: 2,
    dilations: [2, 3],
    padding: "same",
  },
  {
    name: "with padding by numbers",
    image: [2, 5, 6, 2],
    filter: [3, 3],
    filters: 3,
    padding: [0, 2, 3, 1],
  },
  { name: "of 7 channels to 9", image: [2, 5, 5, 7], filter: [3, 3], filters: 9 },
  { name: "of 8 channels to 8", image: [2, 6, 6, 8], filter: [3, 3], filters: 8 },
  {
    name: "of 33 channels to 33",
    image: [1, 4, 5, 33],
    filter: [2, 3],
    filters: 33,
    padding: "same",
  },
  { name: "as a first layer's", image: [2, 28, 28, 1], filter: [3, 3], filters: 32 },
  { name: "as a second layer's", image: [2, 13, 13, 32], filter: [3, 3], filters: 32 },
];

/** Its attributes, padding in numbers. */
export function windowOf({
  image,
  filter,
  strides = [1, 1],
  dilations = [1, 1],
  padding,
}: Convolution) {
  const along = (axis: 0 | 1): readonly [number, number] =>
    samePadding(image[axis + 1] as number, filter[axis], strides[axis], dilations[axis]);
  const numbers = padding === "same" ? [...along(0), ...along(1)] : (padding ?? [0, 0, 0, 0]);
  return { strides: [...strides], padding: numbers, dilations: [...dilations] };
}

const filterOf = ({ image, filter, filters }: Convolution) => normal(...filter, image[3], filters);

/** The pattern of a convolution layer, which a plan may fuse. */
function layer(relu: boolean, attributes: CaseNode["attributes"]): CaseNode[] {
  const nodes: CaseNode[] = [
    { op: "Conv2D", inputs: [0, 1], ...(attributes ? { attributes } : {}) },
    { op: "Add", inputs: [3, 2] },
  ];
  return relu ? [...nodes, { op: "Relu", inputs: [4] }] : nodes;
}

const plain = { strides: [1, 1], padding: [0, 0, 0, 0], dilations: [1, 1] };
const padded = { strides: [2, 2], padding: [0, 1, 0, 1], dilations: [1, 1] };
const fused = { op: "FusedConv2D", tolerance: summed, gradient: "differences" } as const;

export const convolutionCases: readonly OpCase[] = [
  ...CONVOLUTIONS.map(
    (convolution): OpCase => ({
      op: "Conv2D",
      name: convolution.name,
      inputs: [normal(...convolution.image), filterOf(convolution)],
      attributes: windowOf(convolution),
      tolerance: summed,
      gradient: "differences",
    }),
  ),
  {
    op: "Conv2D",
    name: "keeps NaN to the windows that hold it",
    inputs: [
      list([...new Array(12).fill(1), Number.NaN, ...new Array(12).fill(2)], 1, 5, 5, 1),
      normal(2, 2, 1, 3),
    ],
    attributes: plain,
    tolerance: transcendental,
  },
  {
    op: "Conv2DBackpropInput",
    name: "where some pixels lie in no window",
    inputs: [normal(2, 3, 3, 4), normal(2, 2, 3, 4)],
    attributes: {
      strides: [3, 3],
      padding: [0, 0, 0, 0],
      dilations: [1, 1],
      inputShape: [2, 10, 10, 3],
    },
    tolerance: summed,
  },
  {
    op: "Conv2DBackpropFilter",
    name: "over a larger batch",
    inputs: [normal(9, 8, 8, 3), normal(9, 6, 6, 5)],
    attributes: { ...plain, filterShape: [3, 3, 3, 5] },
    tolerance: summed,
  },
  {
    ...fused,
    name: "made of convolution and bias",
    inputs: [normal(2, 6, 6, 3), normal(3, 3, 3, 5), normal(5)],
    nodes: layer(false, plain),
  },
  {
    ...fused,
    name: "made of convolution, bias and relu, same and strided",
    inputs: [normal(2, 7, 7, 3), normal(3, 3, 3, 8), normal(8)],
    nodes: layer(true, padded),
  },
  {
    ...fused,
    name: "not made where the convolution is read elsewhere too",
    inputs: [normal(2, 5, 5, 2), normal(3, 3, 2, 4), normal(4)],
    nodes: [...layer(true, plain), { op: "Multiply", inputs: [3, 5] }],
    alsoCompared: [2],
  },
  {
    op: "FusedConv2D",
    name: "with bias and relu",
    inputs: [normal(2, 6, 7, 1), normal(3, 3, 1, 32), normal(32)],
    attributes: { ...plain, activation: "relu" },
    tolerance: summed,
  },
  {
    op: "FusedConv2D",
    name: "without bias, linear",
    inputs: [normal(1, 6, 6, 2), normal(3, 3, 2, 3)],
    attributes: { ...plain, activation: "linear" },
    tolerance: summed,
  },
];
