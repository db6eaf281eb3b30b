/** The front's weights in 8 bits each: whole numbers, times a power of two for each filter. */

/** @param tensors kernels and biases of the convolutions, in their order */
export function packed(tensors) {
  const parts = tensors.map((tensor) => packedTensor(tensor.dataSync(), tensor.shape));
  const bytes = new Uint8Array(
    Buffer.concat(parts.map(({ values }) => Buffer.from(values.buffer))),
  );
  return { weights: parts.map(({ shape, exponents }) => ({ shape, exponents })), bytes };
}

/** The weights that `packed` has written, as numbers. */
export function unpacked(weights, bytes) {
  const values = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  let from = 0;
  return weights.map(({ shape, exponents }) => {
    const size = shape.reduce((product, extent) => product * extent, 1);
    const part = values.subarray(from, from + size);
    from += size;
    return Float32Array.from(part, (value, at) => value * 2 ** exponents[at % exponents.length]);
  });
}

/** The last axis has the filters; a bias is taken as one. */
function packedTensor(values, shape) {
  const filters = shape.length > 1 ? shape.at(-1) : 1;
  const largest = new Float64Array(filters);
  for (let at = 0; at < values.length; at++) {
    largest[at % filters] = Math.max(largest[at % filters], Math.abs(values[at]));
  }
  const exponents = Array.from(largest, (value) =>
    value === 0 ? 0 : Math.ceil(Math.log2(value / 127)),
  );
  const whole = Int8Array.from(values, (value, at) =>
    Math.round(value / 2 ** exponents[at % filters]),
  );
  return { shape, exponents, values: whole };
}

/**
 * Mean and variance of each feature, as many digits as matter.
 * @param features of some pictures, row by row
 * @param width how many a row has
 */
export function scaling(features, width) {
  const rows = features.length / width;
  const short = (value) => Number(value.toPrecision(3));
  const column = (at) => Array.from({ length: rows }, (_, row) => features[row * width + at]);
  const means = Array.from(
    { length: width },
    (_, at) => column(at).reduce((sum, value) => sum + value, 0) / rows,
  );
  const variances = means.map(
    (mean, at) => column(at).reduce((sum, value) => sum + (value - mean) ** 2, 0) / rows,
  );
  // A feature that never moves says nothing; dividing by next to nothing would let noise in.
  const least = variances.toSorted((a, b) => a - b)[Math.floor(width / 10)];
  return {
    means: means.map(short),
    variances: variances.map((variance) => short(Math.max(variance, least, 1e-4))),
  };
}
