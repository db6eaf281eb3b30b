/** Small dense networks and rows for them, drawn from a seed. */
import {
  capturedWeights,
  type LossName,
  labelKind,
  lossOf,
  type NamedLoss,
  RandomStream,
} from "@hone/core/internals";
import {
  input,
  type LayersModel,
  layers,
  model,
  type SymbolicTensor,
} from "@tensorflow/tfjs-layers";
import { floatColumn, labelsFor } from "../../models/rows.js";
import type { Values, ValuesByPort } from "./harness.js";

export type Activation = "linear" | "relu" | "sigmoid" | "softmax" | "softplus" | "tanh";

export interface OutputLayer {
  readonly units: number;
  readonly activation: Activation;
}

const FEATURES = 4;
const HIDDEN = 6;
const STREAM = 0xd0e1;

/** 4 features, 6 hidden units, and outputs by name. */
export function smallNetwork(outputs: Readonly<Record<string, OutputLayer>>): LayersModel {
  const features = input({ shape: [FEATURES], name: "features" });
  const hidden = layers
    .dense({ units: HIDDEN, activation: "tanh", name: "hidden" })
    .apply(features);
  const network = model({
    inputs: features,
    outputs: Object.entries(outputs).map(
      ([name, layer]) => layers.dense({ ...layer, name }).apply(hidden) as SymbolicTensor,
    ),
  });
  drawWeights(network, 11);
  return network;
}

/**
 * Kernels of a size that suits their inputs, and biases about one number: above 0, so that outputs without squashing
 * are too, unless it is given.
 */
export function drawWeights(network: LayersModel, seed: number, bias = 0.6): void {
  const random = new RandomStream(seed, STREAM);
  const weights = capturedWeights(network);
  const values = weights.readAll().map((old, at) => {
    const { part = "", shape = [] } = weights.places[at] ?? {};
    const fanIn = shape.slice(0, -1).reduce((product, extent) => product * extent, 1);
    return old.map(() => {
      const draw = random.nextNormal();
      if (/variance|gamma/.test(part)) return 1 + 0.1 * Math.abs(draw);
      return shape.length > 1 ? (0.7 * draw) / Math.sqrt(fanIn) : bias + 0.1 * draw;
    });
  });
  weights.writeTo(network, values);
}

/** The inputs of a small network. */
export function featureRows(rows: number, seed = 21): ValuesByPort {
  const random = new RandomStream(seed, STREAM);
  const data = Float32Array.from({ length: rows * FEATURES }, () => random.nextNormal());
  return { features: { shape: [FEATURES], data } };
}

/** Labels that a loss takes and that leave its gradient finite: away from 0 where it divides by them. */
export function labelRows(name: LossName, rows: number, units: number, seed = 31): Values {
  const loss = lossOf(name) as NamedLoss;
  const random = new RandomStream(seed, STREAM);
  if (labelKind(loss) === "number" && name !== "poisson") {
    const data = Float32Array.from({ length: rows * units }, () => 0.5 + random.nextFloat());
    return { shape: [units], data };
  }
  const { rowShape, data } = labelsFor(loss, rows, [units], random);
  return { shape: rowShape, data: data as Float32Array | Int32Array };
}

/** Numbers around 0. */
export function numberRows(rows: number, shape: readonly number[], seed = 41): Values {
  const random = new RandomStream(seed, STREAM);
  const length = shape.reduce((product, extent) => product * extent, rows);
  const { data } = floatColumn(
    shape,
    Float32Array.from({ length }, () => random.nextNormal()),
  );
  return { shape, data: data as Float32Array };
}
