/** What draws random numbers. */
import {
  firstBlockOf,
  numberAttribute,
  outputOperand,
  shapeOfInput,
  sizeOf,
} from "@hone/core/kernels";
import {
  blocksOf,
  float,
  input,
  invoke,
  type Lowering,
  type LoweringTable,
  output,
} from "./lowering.js";

/** The 24 random bits below which an element is dropped are `rate` of all there are. */
const dropout: Lowering = (call) => {
  const rate = numberAttribute(call, "rate");
  const size = sizeOf(shapeOfInput(call, 0));
  return [
    invoke(
      "noise/dropout",
      blocksOf(size),
      input(call, 0),
      input(call, 1),
      output(call),
      size,
      numberAttribute(call, "ordinal"),
      Math.ceil(rate * 2 ** 24),
      float(1 / (1 - rate)),
      firstBlockOf(call),
    ),
  ];
};

const random: Lowering = (call) => {
  const { distribution } = call.attributes;
  const kernel = distribution === "normal" ? "noise/randomNormal" : "noise/randomUniform";
  const size = sizeOf(outputOperand(call).shape);
  const ordinal = numberAttribute(call, "ordinal");
  const first = firstBlockOf(call);
  return [invoke(kernel, blocksOf(size), input(call, 0), output(call), size, ordinal, first)];
};

const augmentImages: Lowering = (call) => {
  const [batch, height, width, channels = 1] = shapeOfInput(call, 0) as [number, number, number];
  return [
    invoke(
      "noise/augmentImages",
      batch,
      input(call, 0),
      input(call, 1),
      output(call),
      height,
      width,
      channels,
      numberAttribute(call, "shift"),
      Number(call.attributes.flip === true),
      numberAttribute(call, "ordinal"),
    ),
  ];
};

export const lowerings: LoweringTable = {
  Dropout: dropout,
  Random: random,
  AugmentImages: augmentImages,
};

export { lowerings as base } from "./base.js";
