/** Changes of the training images that leave their labels true, drawn anew in every step, on the device. */
import { HoneError } from "../errors.js";
import type { GraphBuilder } from "./builder.js";
import type { Shape } from "./types.js";

/** Out of reach of the random ops in a model, which count from 0; so every model sees the same images. */
const ORDINAL = 0x7fff0001;

/** Random changes of training images, drawn anew for each row and step. */
export interface Augment {
  /** Moves each image by up to this many pixels up or down and left or right; what it leaves is 0. */
  readonly shift: number;
  /** Mirrors an image left to right, or leaves it, with equal chance. */
  readonly flip: boolean;
}

/**
 * Height and width of the images in a data set: of its rows, or, where those are flat, of what the model takes.
 * @throws BadData when neither is a picture
 */
export function imageShape(rowShape: Shape, inputShape: Shape): Shape {
  const isPicture = (shape: Shape) => shape.length === 2 || shape.length === 3;
  const found = [rowShape, inputShape].find(isPicture);
  if (found) return found;
  throw new HoneError(
    "BadData",
    "augment",
    `a row of the data is [${rowShape}] and the model takes [${inputShape}]: neither is an image. Give rows of [height, width] or [height, width, channels], or train without \`augment\`.`,
  );
}

/** @throws BadArgument for a shift that is not a whole number from 0, or leaves nothing of an image */
export function checkAugment({ shift, flip }: Augment, image: Shape): void {
  const [height, width] = image as readonly [number, number];
  const least = Math.min(height, width);
  if (!Number.isSafeInteger(shift) || shift < 0 || shift >= least) {
    throw new HoneError(
      "BadArgument",
      "augment",
      `the shift is ${shift}, of images of ${height} by ${width} pixels. Give a whole number from 0 to ${least - 1}.`,
    );
  }
  if (typeof flip !== "boolean") {
    throw new HoneError("BadArgument", "augment", `flip is ${flip}. Give true or false.`);
  }
}

/** Appends the op that makes `output` of the images gathered. @throws as `imageShape`, `checkAugment` */
export function augmentImages(
  builder: GraphBuilder,
  gathered: number,
  output: number,
  rowShape: Shape,
  { shift, flip }: Augment,
): void {
  const [batch = 1, ...inputShape] = builder.shape(output);
  const image = imageShape(rowShape, inputShape);
  checkAugment({ shift, flip }, image);
  const seed = builder.persistent("seed", "state", [1], { dtype: "int32" });
  const attributes = { shift, flip, ordinal: ORDINAL };
  const shape = [batch, ...image];
  if (`${shape}` === `${builder.shape(output)}`) {
    builder.opInto("AugmentImages", [gathered, seed], output, attributes);
    return;
  }
  const images = builder.op("Reshape", [gathered], { shape });
  const augmented = builder.op("AugmentImages", [images, seed], attributes);
  builder.opInto("Reshape", [augmented], output, { shape: [...builder.shape(output)] });
}
