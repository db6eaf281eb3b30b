/**
 * The networks of the Teach view: the front, which is trained here once and then stands still, and the head on it, which
 * visitors train. Both see pictures of 48×48 in colours.
 */
import { fixedBatchNormalization } from "@hone/core/models";
import { input, layers, model } from "@tensorflow/tfjs-layers";
import { CLASSES, COLOURS, SIZE } from "./front-pictures.mjs";

/** Filters of 3×3, each followed by a pool that halves height and width. */
const FILTERS = [16, 32, 48, 64];
/** Classes that a visitor can make: outputs of the head. */
export const MOST_CLASSES = 10;

/**
 * What the front makes of a picture: means of each block's channels, and of the last the greatest and four quarters.
 * @param block a convolution, its bias and its relu, applied
 */
function front(block) {
  const picture = input({ shape: [SIZE, SIZE, 3], name: "picture" });
  const means = [];
  let x = picture;
  for (const [at, filters] of FILTERS.entries()) {
    if (at > 0) x = layers.maxPooling2d({ poolSize: 2 }).apply(x);
    x = block(x, { filters, kernelSize: 3, padding: "same", name: `block-${at + 1}` });
    means.push(layers.globalAveragePooling2d({}).apply(x));
  }
  const greatest = layers.globalMaxPooling2d({}).apply(x);
  const quarters = layers.flatten().apply(layers.averagePooling2d({ poolSize: 3 }).apply(x));
  return { picture, features: layers.concatenate().apply([...means, greatest, quarters]) };
}

/** What the front learns from: which picture it is, of which colours. Its blocks are normalised by the batch. */
export function lesson() {
  const blocks = [];
  const { picture, features } = front((x, options) => {
    const convolution = layers.conv2d({
      ...options,
      useBias: false,
      kernelInitializer: "heNormal",
    });
    const normalization = layers.batchNormalization({ momentum: 0.95 });
    blocks.push({ convolution, normalization });
    const y = normalization.apply(convolution.apply(x));
    return layers.activation({ activation: "relu" }).apply(y);
  });
  const hidden = layers.dense({ units: 96, activation: "relu" }).apply(features);
  const what = layers.dense({ units: CLASSES, activation: "softmax", name: "what" }).apply(hidden);
  const colours = layers.dense({ units: COLOURS, name: "colours" }).apply(features);
  return { model: model({ inputs: picture, outputs: [what, colours] }), blocks };
}

/** The front without a head; its convolutions hold what normalised them. */
export function bare() {
  const convolutions = [];
  const { picture, features } = front(block(convolutions));
  return { model: model({ inputs: picture, outputs: features }), convolutions };
}

/** The front, standing still, its features brought to one scale, and a dense head that begins with zeros. */
export function taught() {
  const convolutions = [];
  const { picture, features } = front(block(convolutions));
  const scaling = fixedBatchNormalization({ center: false, scale: false, epsilon: 1e-6 });
  const scaled = scaling.apply(features);
  for (const layer of [...convolutions, scaling]) layer.trainable = false;
  const head = layers.dense({
    units: MOST_CLASSES,
    activation: "softmax",
    name: "class",
    kernelInitializer: "zeros",
  });
  return model({ inputs: picture, outputs: head.apply(scaled) });
}

const block = (convolutions) => (x, options) => {
  const convolution = layers.conv2d({ ...options, activation: "relu" });
  convolutions.push(convolution);
  return convolution.apply(x);
};
