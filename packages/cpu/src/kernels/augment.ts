/** Images mirrored and moved at random. The draws of an image are one block of the generator. */
import { numberAttribute, philox, shapeOfInput } from "@hone/core/backend";
import {
  floatInput,
  floatOutput,
  integerInput,
  type KernelFactory,
  type KernelTable,
} from "./kernel.js";

const augmentImages: KernelFactory = (call, views) => {
  const x = floatInput(call, views, 0);
  const seed = integerInput(call, views, 1);
  const y = floatOutput(call, views);
  const shift = numberAttribute(call, "shift");
  const ordinal = numberAttribute(call, "ordinal");
  const mayFlip = call.attributes.flip === true;
  const [batch, height, width, channels = 1] = shapeOfInput(call, 0) as [number, number, number];
  const drawn = new Uint32Array(4);
  /** From −shift to shift. The product is exact: both factors are whole and small enough. */
  const move = (word: number) => Math.floor((word * (2 * shift + 1)) / 2 ** 32) - shift;
  return (step) => {
    y.fill(0);
    for (let image = 0; image < batch; image++) {
      philox(drawn, image, step, 0, 0, seed[0] as number, ordinal);
      const [down, right, mirror] = [move(drawn[0]!), move(drawn[1]!), drawn[2]! >= 2 ** 31];
      for (let i = Math.max(0, down); i < Math.min(height, height + down); i++) {
        for (let j = Math.max(0, right); j < Math.min(width, width + right); j++) {
          const column = mayFlip && mirror ? width - 1 - (j - right) : j - right;
          const from = ((image * height + i - down) * width + column) * channels;
          const to = ((image * height + i) * width + j) * channels;
          for (let c = 0; c < channels; c++) y[to + c] = x[from + c] as number;
        }
      }
    }
  };
};

export const augmentKernels: KernelTable = { AugmentImages: augmentImages };
