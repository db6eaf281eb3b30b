/** Images mirrored and moved at random. */
import { augmentedPixels, shapeOfInput, VACATED } from "@hone/core/backend";
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
  const channels = shapeOfInput(call, 0)[3] ?? 1;
  const draw = augmentedPixels(call);
  const sources = new Int32Array(y.length / channels);
  return (step) => {
    draw(sources, step, seed[0] as number);
    for (let pixel = 0; pixel < sources.length; pixel++) {
      const source = sources[pixel] as number;
      for (let c = 0; c < channels; c++) {
        const value = source === VACATED ? 0 : x[source * channels + c];
        y[pixel * channels + c] = value as number;
      }
    }
  };
};

export const augmentKernels: KernelTable = { AugmentImages: augmentImages };
