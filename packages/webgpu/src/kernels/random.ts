/** What draws random numbers: masks, noise, moving images. */
import { firstBlockOf, sizeOf } from "@hone/core/kernels";
import augmentImages from "./augment-images.wgsl";
import dropout from "./dropout.wgsl";
import { input, type Kernel, type Kernels, numberOf, output, overElements } from "./kernel.js";
import philox from "./library/philox.wgsl";
import random from "./random.wgsl";
import randomNormal from "./random-normal.wgsl";
import randomUniform from "./random-uniform.wgsl";

const dropoutKernel: Kernel = (call) => {
  const [x, seed, result] = [input(call, 0), input(call, 1), output(call)];
  const length = sizeOf(result.shape);
  const rate = numberOf(call, "rate");
  return overElements(Math.ceil(length / 4), {
    sources: [dropout, philox],
    constants: {
      ELEMENTS: length,
      THRESHOLD: Math.ceil(rate * 0x1000000),
      KEEP: 1 - rate,
      ORDINAL: numberOf(call, "ordinal"),
      FIRST_BLOCK: firstBlockOf(call),
    },
    read: { x, seed },
    write: { result },
    usesStep: true,
  });
};

const randomKernel: Kernel = (call) => {
  const result = output(call);
  const length = sizeOf(result.shape);
  const numbers = call.attributes.distribution === "normal" ? randomNormal : randomUniform;
  return overElements(Math.ceil(length / 4), {
    sources: [random, numbers, philox],
    constants: {
      ELEMENTS: length,
      ORDINAL: numberOf(call, "ordinal"),
      FIRST_BLOCK: firstBlockOf(call),
    },
    read: { seed: input(call, 0) },
    write: { result },
    usesStep: true,
  });
};

const augmentImagesKernel: Kernel = (call) => {
  const [x, seed, result] = [input(call, 0), input(call, 1), output(call)];
  const [, height, width, channels = 1] = x.shape as [number, number, number];
  return overElements(sizeOf(result.shape), {
    sources: [augmentImages, philox],
    constants: {
      HEIGHT: height,
      WIDTH: width,
      CHANNELS: channels,
      SHIFT: numberOf(call, "shift"),
      FLIP: call.attributes.flip === true,
      ORDINAL: numberOf(call, "ordinal"),
    },
    read: { x, seed },
    write: { result },
    usesStep: true,
  });
};

export const kernels: Kernels = {
  Dropout: dropoutKernel,
  Random: randomKernel,
  AugmentImages: augmentImagesKernel,
};
