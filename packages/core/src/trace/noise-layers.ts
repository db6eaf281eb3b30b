/** Layers that draw random numbers while they train: tfjs would draw them once, while the model is traced. */
import type { Shape } from "../graph/types.js";
import { draw } from "./draw.js";
import { Arithmetic } from "./kernels/arithmetic.js";
import type { Recorder } from "./recorder.js";
import type { Kwargs, TracedLayer } from "./tfjs-types.js";
import type { Traced } from "./traced.js";

interface DropoutLayer extends TracedLayer {
  readonly rate: number;
  /** Undefined or null for a mask of the input's own shape. */
  getNoiseShape(input: { readonly shape: Shape }): Shape | null | undefined;
}

interface GaussianNoiseLayer extends TracedLayer {
  readonly stddev: number;
}

interface AlphaDropoutLayer extends TracedLayer {
  readonly rate: number;
  readonly noiseShape?: readonly (number | null)[] | null;
}

type NoiseLayer = (layer: TracedLayer, x: Traced, recorder: Recorder, kwargs: Kwargs) => Traced;

/** 0 with probability `rate`, else 1 / (1 − rate). */
export function drawnMask(recorder: Recorder, shape: Shape, rate: number): Traced {
  const m = new Arithmetic(recorder.build);
  const isKept = m.greaterEqual(draw(recorder, "uniform", shape), rate);
  return m.mul(isKept, 1 / (1 - rate));
}

const dropout: NoiseLayer = (layer, x, recorder, { training }) => {
  const { rate } = layer as DropoutLayer;
  const shape = (layer as DropoutLayer).getNoiseShape(x);
  if (!training || rate <= 0 || rate >= 1) return x;
  const { build, graph } = recorder;
  if (shape) return new Arithmetic(build).mul(x, drawnMask(recorder, shape, rate));
  const seed = graph.persistent("seed", "state", [1], { dtype: "int32" });
  const ordinal = recorder.randomOps++;
  return build.from(graph.op("Dropout", [build.dense(build.float(x)), seed], { rate, ordinal }));
};

const gaussianNoise: NoiseLayer = (layer, x, recorder, { training }) => {
  const { stddev } = layer as GaussianNoiseLayer;
  if (!training) return x;
  const m = new Arithmetic(recorder.build);
  return m.add(x, m.mul(draw(recorder, "normal", x.shape), stddev));
};

const gaussianDropout: NoiseLayer = (layer, x, recorder, { training }) => {
  const { rate } = layer as DropoutLayer;
  if (!training || rate <= 0 || rate >= 1) return x;
  const m = new Arithmetic(recorder.build);
  const noise = m.mul(draw(recorder, "normal", x.shape), Math.sqrt(rate / (1 - rate)));
  return m.mul(x, m.add(noise, 1));
};

/** What SELU tends to for small numbers; mean and variance of its results are kept. */
const LOWEST_SELU = -1.6732632423543772 * 1.0507009873554805;

const alphaDropout: NoiseLayer = (layer, x, recorder, { training }) => {
  const { rate, noiseShape } = layer as AlphaDropoutLayer;
  if (!training || rate <= 0 || rate >= 1) return x;
  const m = new Arithmetic(recorder.build);
  const shape = noiseShape?.map((extent, axis) => extent ?? (x.shape[axis] as number)) ?? x.shape;
  const isKept = m.greaterEqual(draw(recorder, "uniform", shape), rate);
  const scale = ((1 - rate) * (1 + rate * LOWEST_SELU ** 2)) ** -0.5;
  const mixed = m.add(m.mul(x, isKept), m.mul(m.sub(1, isKept), LOWEST_SELU));
  return m.add(m.mul(mixed, scale), -scale * LOWEST_SELU * rate);
};

/** By their class in tfjs. */
export const noiseLayers: Readonly<Record<string, NoiseLayer>> = {
  Dropout: dropout,
  SpatialDropout1D: dropout,
  GaussianNoise: gaussianNoise,
  GaussianDropout: gaussianDropout,
  AlphaDropout: alphaDropout,
};
