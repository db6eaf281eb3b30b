/** Networks over pictures of any size: one that tells classes apart, and one that does so for each pixel. */
import { type LayersModel, layers } from "@tensorflow/tfjs-layers";
import { checkOptions } from "../run/options.js";
import {
  COUNT,
  checkHalvable,
  PICTURE,
  type PictureNetworkOptions,
  pictureShape,
} from "./network-options.js";
import { type Node, Wiring, wired } from "./wiring.js";

export interface ResNetOptions extends PictureNetworkOptions {
  /** Channels of the first of three stages, each of which has twice those before it; 16 unless given. */
  readonly width?: number;
  /** In each stage, of two convolutions; 3 unless given, which makes 20 layers. */
  readonly blocks?: number;
}

/**
 * A residual network for small pictures (He et al. 2015, section 4.2): [height, width, channels] to classes, of 32×32
 * unless told otherwise.
 * @throws BadArgument
 */
export function resnet(given: ResNetOptions = {}): LayersModel {
  checkOptions("resnet", given, { ...PICTURE, width: COUNT, blocks: COUNT });
  const { width = 16, blocks = 3, classes = 10, seed } = given;
  const w = new Wiring({ seed });
  return wired(pictureShape(given, 32), (input) => {
    let x = w.relu(w.normalized(w.convolution(input, width, { useBias: false })));
    for (const stage of [0, 1, 2]) {
      for (let block = 0; block < blocks; block++) {
        const strides = stage > 0 && block === 0 ? 2 : 1;
        x = residual(w, x, width * 2 ** stage, strides);
      }
    }
    return w.classifier(w.apply(layers.globalAveragePooling2d({}), x), classes);
  });
}

function residual(w: Wiring, x: Node, filters: number, strides: number): Node {
  const first = w.relu(w.normalized(w.convolution(x, filters, { strides, useBias: false })));
  const second = w.normalized(w.convolution(first, filters, { useBias: false }));
  const alike = strides === 1 && x.shape.at(-1) === filters;
  const across = alike
    ? x
    : w.normalized(w.convolution(x, filters, { kernelSize: 1, strides, useBias: false }));
  return w.relu(w.apply(layers.add(), [second, across]));
}

export interface UNetOptions extends PictureNetworkOptions {
  /** Channels at full size, doubled with each halving; 16 unless given. */
  readonly width?: number;
  /** How often the picture is halved; 3 unless given. */
  readonly depth?: number;
}

/**
 * A U-Net (Ronneberger et al. 2015): [height, width, channels] to a class for each pixel, of 64×64 unless told
 * otherwise.
 * @throws BadArgument; for a size that is no multiple of 2^depth too
 */
export function unet(given: UNetOptions = {}): LayersModel {
  checkOptions("unet", given, { ...PICTURE, width: COUNT, depth: COUNT });
  const { width = 16, depth = 3, classes = 10, seed } = given;
  const shape = pictureShape(given, 64);
  checkHalvable("unet", shape, 2 ** depth);
  const w = new Wiring({ seed });
  const twice = (x: Node, filters: number) =>
    w.convolution(w.convolution(x, filters, { activation: "relu" }), filters, {
      activation: "relu",
    });
  return wired(shape, (input) => {
    const passed: Node[] = [];
    let x = input;
    for (let level = 0; level < depth; level++) {
      x = twice(x, width * 2 ** level);
      passed.push(x);
      x = w.apply(layers.maxPooling2d({ poolSize: 2 }), x);
    }
    x = twice(x, width * 2 ** depth);
    for (let level = depth - 1; level >= 0; level--) {
      const filters = width * 2 ** level;
      const up = w.doubled(x, filters, "relu");
      x = twice(w.apply(layers.concatenate(), [passed[level] as Node, up]), filters);
    }
    return w.classifier(x, classes);
  });
}
