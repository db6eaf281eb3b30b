/**
 * The cnn and the mlp in jax-js on its wasm backend: gather, forward, softmax cross-entropy, gradient
 * and Adam are one jitted step. Layout is NCHW, the only one its convolution takes.
 *
 * jax-js counts references: a call consumes its arguments, and `.ref` lends one that is used again.
 */
import { mnist } from "@hone/data";
import {
  blockUntilReady,
  defaultDevice,
  init,
  jit,
  lax,
  nn,
  numpy as np,
  random,
  tree,
  valueAndGrad,
} from "@jax-js/jax";
import { epochRate } from "../../compare/statistics.mjs";

const batchSize = 64;
const optimizer = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };

/** Steps in flight at most: jax-js asks to be waited for now and then. */
const stepsInFlight = 16;

const pool = (x) => lax.reduceWindow(x, np.max, [2, 2], [2, 2]);
const dense = (x, weight, bias) => np.dot(x, weight).add(bias);
const convolve = (x, weight, bias) =>
  lax.convGeneralDilated(x, weight, [1, 1], "VALID").add(bias.reshape([-1, 1, 1]));

const models = {
  cnn: {
    shapes: [[32, 1, 3, 3], [32], [32, 32, 3, 3], [32], [800, 128], [128], [128, 10], [10]],
    logits([w1, b1, w2, b2, w3, b3, w4, b4], images, key) {
      key.dispose();
      const first = pool(nn.relu(convolve(images.reshape([-1, 1, 28, 28]), w1, b1)));
      const second = pool(nn.relu(convolve(first, w2, b2)));
      return dense(nn.relu(dense(second.reshape([-1, 800]), w3, b3)), w4, b4);
    },
  },
  mlp: {
    shapes: [[784, 128], [128], [128, 64], [64], [64, 10], [10]],
    logits([w1, b1, w2, b2, w3, b3], images, key, drops) {
      const hidden = nn.relu(dense(images, w1, b1));
      if (!drops) {
        key.dispose();
        return dense(nn.relu(dense(hidden, w2, b2)), w3, b3);
      }
      // Inverted dropout of one half.
      const kept = random.bernoulli(key, 0.5, hidden.shape).astype(np.float32).mul(2);
      return dense(nn.relu(dense(hidden.mul(kept), w2, b2)), w3, b3);
    },
  },
};

/** Glorot uniform, as the tfjs models have it; biases are zero. */
function initialize(shapes, seed) {
  const keys = random.split(random.key(seed), shapes.length);
  const drawn = shapes.map((shape, index) => {
    if (shape.length === 1) return np.zeros(shape);
    const window = shape.length === 4 ? shape[2] * shape[3] : 1;
    const limit = Math.sqrt(6 / ((shape[0] + shape[1]) * window));
    return random.uniform(keys.ref.slice(index), shape, { minval: -limit, maxval: limit });
  });
  keys.dispose();
  return drawn;
}

/** Weights as tfjs lays them out, in the layout of this file's models. */
function fromTfjs(values, shapes) {
  let at = 0;
  return shapes.map((shape) => {
    const size = shape.reduce((product, extent) => product * extent, 1);
    const part = values.slice(at, at + size);
    at += size;
    if (shape.length === 4) return turned(part, [2, 3, 1, 0], shape);
    // Behind the last pool tfjs counts channels fastest, and this file rows and columns.
    const flattened = shape[0] === 800 && shape.length === 2;
    return np.array(flattened ? channelsFirst(part, shape[1]) : part).reshape(shape);
  });
}

/** A kernel stored as HWIO, as OIHW. @param order the axis of the result that each stored axis is */
function turned(values, order, shape) {
  const stored = order.map((axis) => shape[axis]);
  const result = new Float32Array(values.length);
  values.forEach((value, index) => {
    const place = [0, 0, 0, 0];
    let left = index;
    for (let axis = 3; axis >= 0; axis--) {
      place[order[axis]] = left % stored[axis];
      left = Math.floor(left / stored[axis]);
    }
    result[place.reduce((sum, at, axis) => sum * shape[axis] + at, 0)] = value;
  });
  return np.array(result).reshape(shape);
}

function channelsFirst(values, columns) {
  const result = new Float32Array(values.length);
  for (let cell = 0; cell < 25; cell++) {
    for (let channel = 0; channel < 32; channel++) {
      const from = (cell * 32 + channel) * columns;
      result.set(values.subarray(from, from + columns), (channel * 25 + cell) * columns);
    }
  }
  return result;
}

/** One step: `(parameters, means, variances, rates, images, labels, key)` to the new three and the loss. */
function makeStep({ logits }, drops = true) {
  const { beta1, beta2, epsilon } = optimizer;
  const lossOf = (parameters, images, labels, key) => {
    const rows = labels.shape[0];
    const logProbabilities = nn.logSoftmax(logits(parameters, images, key, drops));
    return logProbabilities
      .mul(nn.oneHot(labels, 10))
      .sum()
      .mul(-1 / rows);
  };
  return jit((parameters, means, variances, [rate, correction], images, labels, key) => {
    const [loss, gradients] = valueAndGrad(lossOf)(tree.ref(parameters), images, labels, key);
    const newMeans = means.map((mean, index) =>
      mean.mul(beta1).add(gradients[index].ref.mul(1 - beta1)),
    );
    const newVariances = variances.map((variance, index) =>
      variance.mul(beta2).add(np.square(gradients[index]).mul(1 - beta2)),
    );
    const newParameters = parameters.map((parameter, index) => {
      const spread = np.sqrt(newVariances[index].ref.mul(correction.ref)).add(epsilon);
      return parameter.sub(newMeans[index].ref.mul(rate.ref).div(spread));
    });
    rate.dispose();
    correction.dispose();
    return [newParameters, newMeans, newVariances, loss];
  });
}

function shuffled(count) {
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  for (let left = count - 1; left > 0; left--) {
    const other = Math.floor(Math.random() * (left + 1));
    [order[left], order[other]] = [order[other], order[left]];
  }
  return order;
}

/** A batch gathered on the host: as fast here as a gather by jax-js over the set as resident floats. */
function gather({ x, y }, rows) {
  const images = new Float32Array(rows.length * 784);
  const labels = new Int32Array(rows.length);
  rows.forEach((row, at) => {
    const from = 784 * row;
    const to = 784 * at;
    for (let pixel = 0; pixel < 784; pixel++) images[to + pixel] = x[from + pixel] / 255;
    labels[at] = y[row];
  });
  return { images: np.array(images).reshape([rows.length, 784]), labels: np.array(labels) };
}

/** Training from these weights on: `(rows) => loss`, and the parameters as they are now. */
function trainer(model, columns, weights, drops) {
  const runStep = makeStep(model, drops);
  let parameters = weights;
  let means = model.shapes.map((shape) => np.zeros(shape));
  let variances = model.shapes.map((shape) => np.zeros(shape));
  let step = 0;
  const takeStep = (rows) => {
    step++;
    const { learningRate, beta1, beta2 } = optimizer;
    const rates = [np.array(learningRate / (1 - beta1 ** step)), np.array(1 / (1 - beta2 ** step))];
    const { images, labels } = gather(columns, rows);
    const key = random.key(step);
    const result = runStep(parameters, means, variances, rates, images, labels, key);
    const [newParameters, newMeans, newVariances, loss] = result;
    parameters = newParameters;
    means = newMeans;
    variances = newVariances;
    return loss;
  };
  return { takeStep, ready: () => blockUntilReady(parameters) };
}

/** Losses of three steps on the first rows in their order, from known weights, without dropout. */
async function firstLosses(model, columns) {
  const bytes = await (await fetch("/known/weights.bin")).arrayBuffer();
  const weights = fromTfjs(new Float32Array(bytes), model.shapes);
  const { takeStep } = trainer(model, columns, weights, false);
  const losses = [];
  for (let at = 0; at < 3 * batchSize; at += batchSize) {
    const rows = Uint32Array.from({ length: batchSize }, (_, index) => at + index);
    losses.push(await takeStep(rows).jsAsync());
  }
  return losses;
}

/**
 * Trains for whole epochs. The first compiles, so it is told but not measured.
 * @param limit is rounded down to whole batches, since a short batch would be compiled anew
 */
async function trainJax({ model: name, epochs, limit, seed = 1, known }) {
  await init("wasm");
  defaultDevice("wasm");
  const { train } = await mnist({ folder: "/" });
  const columns = { x: train.columns.x.data, y: train.columns.y.data };
  const count = Math.floor(Math.min(limit, train.rows) / batchSize) * batchSize;
  const model = models[name];
  const answered = known ? { firstLosses: await firstLosses(model, columns) } : {};
  const { takeStep, ready } = trainer(model, columns, initialize(model.shapes, seed), true);
  let step = 0;
  const results = [];
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const started = performance.now();
    const order = shuffled(count);
    let total = np.array(0);
    for (let at = 0; at < count; at += batchSize) {
      total = total.add(takeStep(order.subarray(at, at + batchSize)));
      step++;
      if (step % stepsInFlight === 0) await ready();
    }
    const sum = await total.jsAsync();
    await ready();
    const seconds = (performance.now() - started) / 1000;
    results.push({ epoch, loss: (sum * batchSize) / count, seconds });
  }
  return {
    rival: "jax-js",
    model: name,
    images: count,
    threads: navigator.hardwareConcurrency,
    isolated: crossOriginIsolated,
    batchSize,
    epochs: results,
    imagesPerSecond: epochRate(count, results),
    ...answered,
  };
}

globalThis.runTask = trainJax;
