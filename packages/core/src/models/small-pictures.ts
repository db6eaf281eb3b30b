/** The networks over pictures of 28 by 28, as tf.LayersModels. Their parts are options, which a search for better ones may turn. */
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { checkOptions, isCount, type Option } from "../run/options.js";
import { COUNT, MODEL, type ModelOptions, SHARE } from "./network-options.js";
import { Stack } from "./stack.js";

const IMAGE = [28, 28];

const CNN = { ...MODEL, filters: COUNT, kernelSize: COUNT, dropout: SHARE };
const UNITS: Option = {
  is: (value) => Array.isArray(value) && value.length === 2 && value.every(isCount),
  wanted: "two whole numbers above 0",
};
const MLP = { ...MODEL, units: UNITS, dropout: SHARE };

/** Options of `cnn` and its kin. */
export interface CnnOptions extends ModelOptions {
  /** Of each convolution; 32 unless given. */
  readonly filters?: number;
  /** Height and width of each kernel; 3 unless given. */
  readonly kernelSize?: number;
  /** Share dropped after each pool and after the first dense layer; 0, which means none, unless given. */
  readonly dropout?: number;
}

/** Options of `mlp` and its kin. */
export interface MlpOptions extends ModelOptions {
  /** Of the two hidden layers; 128 and 64 unless given. */
  readonly units?: readonly [number, number];
  /** Share dropped after the first hidden layer; 0.5 unless given. */
  readonly dropout?: number;
}

/** Two convolutions with pooling, two dense layers: [28, 28, 1] to classes; with 10 of them 113,386 parameters unless told otherwise. */
export function cnn(given: CnnOptions = {}): LayersModel {
  checkOptions("cnn", given, CNN);
  const { filters = 32, kernelSize = 3, dropout = 0, ...options } = given;
  return new Stack(options)
    .convolution(filters, kernelSize, [...IMAGE, 1])
    .pool()
    .dropout(dropout)
    .convolution(filters, kernelSize)
    .pool()
    .dropout(dropout)
    .flatten()
    .dense(128)
    .dropout(dropout)
    .classifier()
    .model();
}

/** The CNN with 64 filters, 5×5 kernels and dropout. */
export function cnnTuned(options: ModelOptions = {}): LayersModel {
  checkOptions("cnnTuned", options, MODEL);
  return cnn({ ...options, filters: 64, kernelSize: 5, dropout: 0.5 });
}

/** Three dense layers with dropout: [28, 28] to classes; with 10 of them 109,386 parameters unless told otherwise. */
export function mlp(given: MlpOptions = {}): LayersModel {
  checkOptions("mlp", given, MLP);
  const { units = [128, 64], dropout = 0.5, ...options } = given;
  return new Stack(options)
    .flatten([...IMAGE])
    .dense(units[0])
    .dropout(dropout)
    .dense(units[1])
    .classifier()
    .model();
}

/** The MLP with wider layers and less dropout. */
export function mlpTuned(options: ModelOptions = {}): LayersModel {
  checkOptions("mlpTuned", options, MODEL);
  return mlp({ ...options, units: [256, 128], dropout: 0.3 });
}

/**
 * Six convolutions with batch normalisation, then the mean of each channel: [28, 28, 1] to classes; with 10 of
 * them 140,458 parameters, of which training moves 139,818.
 */
export function cnnCompact(options: ModelOptions = {}): LayersModel {
  checkOptions("cnnCompact", options, MODEL);
  return new Stack(options)
    .normalized(32, { inputShape: [...IMAGE, 1] })
    .normalized(32, { pooled: true })
    .normalized(64)
    .normalized(64, { pooled: true })
    .normalized(64)
    .normalized(64)
    .averageOverImage()
    .classifier()
    .model();
}

/**
 * A narrower CNN on images whose border is cut off, for a good result in few seconds: [28, 28, 1] to classes;
 * with 10 of them 71,754 parameters. MNIST's digits fill 20 by 20 pixels in the middle, so the border is empty.
 */
export function mnistFast(options: ModelOptions = {}): LayersModel {
  checkOptions("mnistFast", options, MODEL);
  return new Stack(options)
    .crop(3, [...IMAGE, 1])
    .convolution(16, 3)
    .pool()
    .convolution(32, 3)
    .pool()
    .flatten()
    .dense(128)
    .classifier()
    .model();
}
