/**
 * The two networks of mnist-acgan, and the two in a row: a generator of images of a class, and a discriminator that
 * tells real from made ones and names the class. Fewer channels than there; nothing is dropped, since the masks of tfjs
 * are its own.
 */
import {
  input,
  type LayersModel,
  layers,
  model,
  type SymbolicTensor,
  sequential,
} from "@tensorflow/tfjs-layers";

export const LATENT = 10;
export const CLASSES = 10;
export const SIDE = 28;

export interface Acgan {
  readonly generator: LayersModel;
  readonly discriminator: LayersModel;
  /** Of the generator's inputs and the discriminator's outputs. */
  combined(): LayersModel;
}

/** From 3 x 3 to 7 x 7, to 14 x 14, to 28 x 28. */
function makeGenerator(): LayersModel {
  const up = (filters: number, strides: number, activation: "relu" | "tanh") =>
    layers.conv2dTranspose({
      filters,
      kernelSize: 5,
      strides,
      padding: strides === 1 ? "valid" : "same",
      activation,
    });
  const pictures = sequential({
    layers: [
      layers.dense({ units: 3 * 3 * 8, inputShape: [LATENT], activation: "relu" }),
      layers.reshape({ targetShape: [3, 3, 8] }),
      up(6, 1, "relu"),
      layers.batchNormalization(),
      up(4, 2, "relu"),
      layers.batchNormalization(),
      up(1, 2, "tanh"),
    ],
  });
  const [latent, imageClass] = [input({ shape: [LATENT] }), input({ shape: [1] })];
  const embedded = layers.embedding({ inputDim: CLASSES, outputDim: LATENT }).apply(imageClass);
  const seed = layers.multiply().apply([latent, embedded as SymbolicTensor]);
  return model({
    inputs: [latent, imageClass],
    outputs: pictures.apply(seed) as SymbolicTensor,
  });
}

function makeDiscriminator(): LayersModel {
  const down = (filters: number, strides: number, more = {}) => [
    layers.conv2d({ filters, kernelSize: 3, padding: "same", strides, ...more }),
    layers.leakyReLU({ alpha: 0.2 }),
    layers.dropout({ rate: 0 }),
  ];
  const features = sequential({
    layers: [
      ...down(4, 2, { inputShape: [SIDE, SIDE, 1] }),
      ...down(6, 1),
      ...down(6, 2),
      ...down(6, 1),
      layers.flatten(),
    ],
  });
  const image = input({ shape: [SIDE, SIDE, 1] });
  const seen = features.apply(image) as SymbolicTensor;
  const real = layers.dense({ units: 1, activation: "sigmoid" }).apply(seen);
  const named = layers.dense({ units: CLASSES, activation: "softmax" }).apply(seen);
  return model({ inputs: image, outputs: [real, named] as SymbolicTensor[] });
}

export function acgan(): Acgan {
  const [generator, discriminator] = [makeGenerator(), makeDiscriminator()];
  return {
    generator,
    discriminator,
    combined: () => {
      const [latent, imageClass] = [input({ shape: [LATENT] }), input({ shape: [1] })];
      const image = generator.apply([latent, imageClass]) as SymbolicTensor;
      const outputs = discriminator.apply(image) as SymbolicTensor[];
      return model({ inputs: [latent, imageClass], outputs });
    },
  };
}
