/** Layers of preprocessing whose `call` reads values, or makes tensors as large as the batch, which no trace can hold. */

import { Arithmetic } from "./kernels/arithmetic.js";
import { take, upTo } from "./kernels/take.js";
import type { Recorder } from "./recorder.js";
import type { TracedLayer } from "./tfjs-types.js";
import type { Traced } from "./traced.js";

interface CategoryEncodingLayer extends TracedLayer {
  readonly numTokens: number;
  readonly outputMode: string;
}

interface CenterCropLayer extends TracedLayer {
  readonly height: number;
  readonly width: number;
}

/** Undefined leaves a layer to its own `call`. */
type PreprocessingLayer = (
  layer: TracedLayer,
  x: Traced,
  recorder: Recorder,
  kwargs: object,
) => Traced | undefined;

/** Rows [batch, n] of numbers; one outside makes the row NaN, where tfjs's `fit` throws. */
const categoryEncoding: PreprocessingLayer = (layer, x, recorder, kwargs) => {
  // What counts weigh is a tensor of its own call.
  if ("countWeights" in kwargs) return undefined;
  const { numTokens, outputMode } = layer as CategoryEncodingLayer;
  const known = outputMode === "multiHot" || outputMode === "count" || outputMode === "oneHot";
  if (!known || x.shape.length !== 2 || (outputMode === "oneHot" && x.shape[1] !== 1)) {
    return recorder.refuse(
      `encodes [${x.shape}] as ${outputMode}. Give it rows of numbers for multiHot or count, or one number for oneHot`,
    );
  }
  const { build } = recorder;
  const m = new Arithmetic(build);
  const whole = build.unary("Cast", build.float(x), { dtype: "int32" });
  const numbers = build.reshape(build.float(whole), [...x.shape, 1]);
  const columns = build.constant(Float32Array.from(upTo(numTokens)), [numTokens], "float32");
  const hot = m.equal(numbers, columns);
  const isInside = m.mul(m.greaterEqual(numbers, 0), m.less(numbers, numTokens));
  const checked = m.select(isInside, hot, Number.NaN);
  const sums = build.reduce("Sum", checked, [1], false);
  return outputMode === "count" ? sums : m.min(sums, 1);
};

/** The pixels that tfjs takes for the centre, by the nearest to where it looks; 0 where it looks outside. */
const centerCrop: PreprocessingLayer = (layer, x, recorder) => {
  const { height, width } = layer as CenterCropLayer;
  const [, ownHeight, ownWidth] = x.shape;
  if (x.shape.length !== 4 || ownHeight === undefined || ownWidth === undefined) return undefined;
  const above = ownHeight === height ? 0 : Math.floor((ownHeight - height) / 2);
  const left = ownWidth === width ? 0 : Math.floor((ownWidth - width) / 2) || 1;
  if (above < 0 || left < 0) return undefined;
  const { build } = recorder;
  const rows = cropped(recorder, x, 1, above / ownHeight, (height + above) / ownHeight, height);
  const both = cropped(recorder, rows, 2, left / ownWidth, (width + left) / ownWidth, width);
  return { ...both, dtype: build.float(x).dtype };
};

/** As tfjs's cropAndResize: `from` and `to` are shares of the axis' last element. */
function cropped(
  { build }: Recorder,
  x: Traced,
  axis: 1 | 2,
  from: number,
  to: number,
  count: number,
): Traced {
  const last = (x.shape[axis] as number) - 1;
  const step = count > 1 ? ((to - from) * last) / (count - 1) : 0;
  const places = upTo(count).map((at) =>
    count > 1 ? from * last + at * step : 0.5 * (from + to) * last,
  );
  const isInside = places.map((place) => place >= 0 && place <= last);
  const indices = places.map((place) => Math.min(last, Math.max(0, Math.round(place))));
  const taken = take(build, x, axis, indices);
  if (!isInside.includes(false)) return taken;
  const shape = x.shape.slice(axis).map((_, at) => (at === 0 ? count : 1));
  const mask = build.constant(Float32Array.from(isInside, Number), shape, "float32");
  return build.elementwise("Multiply", [taken, mask]);
}

/** By their class in tfjs. */
export const preprocessingLayers: Readonly<Record<string, PreprocessingLayer>> = {
  CategoryEncoding: categoryEncoding,
  CenterCrop: centerCrop,
};
