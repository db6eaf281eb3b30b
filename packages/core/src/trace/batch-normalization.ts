/**
 * Batch normalisation. In training tfjs normalises by the batch's own mean and population variance, also
 * when the layer is frozen, and moves the moving statistics towards both; in inference it uses those.
 */
import type { Recorder } from "./recorder.js";
import type { Kwargs, LayerVariableLike, TracedLayer } from "./tfjs-types.js";
import type { Traced } from "./traced.js";

interface BatchNormalizationLayer extends TracedLayer {
  /** A list of one in files of Keras 2. */
  readonly axis: number | readonly number[];
  readonly momentum: number;
  readonly epsilon: number;
  readonly gamma?: LayerVariableLike;
  readonly beta?: LayerVariableLike;
  readonly movingMean: LayerVariableLike;
  readonly movingVariance: LayerVariableLike;
}

/** (x − mean) · (gamma / √(variance + ε)) + beta, gamma and beta where the layer has them */
export function batchNormalization(
  given: TracedLayer,
  input: Traced,
  recorder: Recorder,
  { training = false }: Kwargs,
): Traced {
  const layer = given as BatchNormalizationLayer;
  const { build } = recorder;
  const x = build.float(input);
  const axis = axisOf(layer, x.shape.length, recorder);
  const others = x.shape.map((_, index) => index).filter((index) => index !== axis);
  const along = x.shape.map((extent, index) => (index === axis ? extent : 1));
  const read = (weight: LayerVariableLike) => recorder.resolve(weight.read());
  const fitted = (vector: Traced) =>
    axis === x.shape.length - 1 ? vector : build.reshape(vector, along);

  const mean = training ? build.mean(x, others, false) : read(layer.movingMean);
  const centred = build.elementwise("Sub", [x, fitted(mean)]);
  const variance = training
    ? build.mean(build.unary("Square", centred), others, false)
    : read(layer.movingVariance);
  if (training) {
    moveTowards(layer.movingMean, mean, layer.momentum, recorder);
    moveTowards(layer.movingVariance, variance, layer.momentum, recorder);
  }
  let factor = build.unary(
    "Rsqrt",
    build.elementwise("Add", [variance, build.scalar(layer.epsilon)]),
  );
  if (layer.gamma) factor = build.elementwise("Multiply", [factor, read(layer.gamma)]);
  const scaled = build.elementwise("Multiply", [centred, fitted(factor)]);
  return layer.beta ? build.elementwise("Add", [scaled, fitted(read(layer.beta))]) : scaled;
}

function axisOf(layer: BatchNormalizationLayer, rank: number, recorder: Recorder): number {
  const [axis = -1, ...more] = [layer.axis].flat() as readonly number[];
  if (more.length > 0) {
    recorder.refuse(`normalises along the axes ${layer.axis}. Give it one axis`);
  }
  return axis < 0 ? axis + rank : axis;
}

function moveTowards(
  weight: LayerVariableLike,
  value: Traced,
  momentum: number,
  recorder: Recorder,
): void {
  const variable = weight.read();
  const average = recorder.weightOf(variable) ?? recorder.bindForeign?.(variable);
  if (average === undefined) {
    recorder.refuse(
      `keeps "${weight.name}", which is not among model.weights, so training could not move it. Give the custom layer around it its sublayers' weights, or use the layer directly`,
    );
  }
  recorder.updated.add(variable);
  recorder.graph.inPlace("AssignMovingAverage", [average, recorder.build.dense(value)], [average], {
    decay: momentum,
  });
}
