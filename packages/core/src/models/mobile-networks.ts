/** Networks of depthwise and pointwise convolutions, made for phones. */
import { type LayersModel, layers } from "@tensorflow/tfjs-layers";
import { checkOptions, isBoolean, type Option } from "../run/options.js";
import {
  FACTOR,
  PICTURE,
  type PictureNetworkOptions,
  pictureShape,
  SHARE,
} from "./network-options.js";
import { type Node, Wiring, wired } from "./wiring.js";

export interface MobileNetOptions extends PictureNetworkOptions {
  /** What the published numbers of channels are multiplied by; 1 unless given. */
  readonly alpha?: number;
  /** Share dropped before the classifier; 0, which means none, unless given. */
  readonly dropout?: number;
  /** Whether all but the classifier stands still, normalisations included; false unless given. */
  readonly frozen?: boolean;
}

const FROZEN: Option = { is: isBoolean, wanted: "true or false" };
const KNOWN = { ...PICTURE, alpha: FACTOR, dropout: SHARE, frozen: FROZEN };
/** Of pictures, as published. */
const SIZE = 224;

/** Channels and stride of each block of MobileNet (Howard et al. 2017, table 1). */
const BLOCKS: readonly (readonly [channels: number, strides: number])[] = [
  ...([
    [64, 1],
    [128, 2],
    [128, 1],
    [256, 2],
    [256, 1],
    [512, 2],
  ] as const),
  ...([
    [512, 1],
    [512, 1],
    [512, 1],
    [512, 1],
    [512, 1],
    [1024, 2],
    [1024, 1],
  ] as const),
];

/**
 * MobileNet: [height, width, channels] to classes, of pictures of 224×224 unless told otherwise. With `alpha` 0.25 and
 * 1,000 classes 475,544 parameters, as published.
 * @throws BadArgument
 */
export function mobilenet(given: MobileNetOptions = {}): LayersModel {
  checkOptions("mobilenet", given, KNOWN);
  const { alpha = 1, seed, frozen = false, ...others } = given;
  const wide = (channels: number) => Math.max(1, Math.floor(channels * alpha));
  const w = new Wiring({ seed, frozen });
  return wired(pictureShape(given, SIZE), (input) => {
    let x = convolved(w, input, wide(32), { kernelSize: 3, strides: 2 });
    for (const [channels, strides] of BLOCKS) {
      x = w.relu6(w.normalized(w.depthwise(x, strides)));
      x = convolved(w, x, wide(channels), { kernelSize: 1, strides: 1 });
    }
    return head(w, x, others);
  });
}

/** Expansion, channels, repetitions and first stride of MobileNet V2 (Sandler et al. 2018, table 2). */
const BOTTLENECKS: readonly (readonly [number, number, number, number])[] = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
];

/**
 * MobileNet V2: [height, width, channels] to classes, of pictures of 224×224 unless told otherwise. With `alpha` 1 and
 * 1,000 classes 3,538,984 parameters, as published.
 * @throws BadArgument
 */
export function mobilenetV2(given: MobileNetOptions = {}): LayersModel {
  checkOptions("mobilenetV2", given, KNOWN);
  const { alpha = 1, seed, frozen = false, ...others } = given;
  const w = new Wiring({ seed, frozen });
  return wired(pictureShape(given, SIZE), (input) => {
    let x = convolved(w, input, inEights(32 * alpha), { kernelSize: 3, strides: 2 });
    for (const [expansion, channels, repetitions, stride] of BOTTLENECKS) {
      for (let at = 0; at < repetitions; at++) {
        const strides = at === 0 ? stride : 1;
        x = bottleneck(w, x, { expansion, channels: inEights(channels * alpha), strides });
      }
    }
    // As published, the last convolution is never narrowed.
    x = convolved(w, x, alpha > 1 ? inEights(1280 * alpha) : 1280, { kernelSize: 1, strides: 1 });
    return head(w, x, others);
  });
}

interface Bottleneck {
  readonly expansion: number;
  readonly channels: number;
  readonly strides: number;
}

/** Widened, filtered channel by channel, narrowed; and added to what came in, where both are alike. */
function bottleneck(w: Wiring, x: Node, { expansion, channels, strides }: Bottleneck): Node {
  const before = x.shape.at(-1) as number;
  const one = { kernelSize: 1, strides: 1 };
  const wide = expansion === 1 ? x : convolved(w, x, before * expansion, one);
  const filtered = w.relu6(w.normalized(w.depthwise(wide, strides)));
  const narrow = w.normalized(w.convolution(filtered, channels, { kernelSize: 1, useBias: false }));
  return strides === 1 && before === channels ? w.apply(layers.add(), [x, narrow]) : narrow;
}

/** A convolution without bias, normalised, with relu6. */
function convolved(
  w: Wiring,
  x: Node,
  filters: number,
  { kernelSize, strides }: { readonly kernelSize: number; readonly strides: number },
): Node {
  return w.relu6(w.normalized(w.convolution(x, filters, { kernelSize, strides, useBias: false })));
}

/** The classifier, which learns also where all below it stands still. */
function head(
  w: Wiring,
  x: Node,
  { dropout = 0, classes = 10 }: Pick<MobileNetOptions, "dropout" | "classes">,
): Node {
  const features = w.apply(layers.globalAveragePooling2d({}), x);
  const learning = new Wiring({ seed: w.seeds.next() });
  return learning.classifier(learning.dropout(features, dropout), classes);
}

/** The nearest multiple of 8 that is not below nine tenths of it. */
function inEights(channels: number): number {
  const rounded = Math.max(8, Math.floor((channels + 4) / 8) * 8);
  return rounded < 0.9 * channels ? rounded + 8 : rounded;
}
