/** Recurrent networks: over text, and over series of numbers. */
import { engine, tensor1d } from "@tensorflow/tfjs-core";
import { type LayersModel, layers } from "@tensorflow/tfjs-layers";
import { checkOptions } from "../run/options.js";
import { withTensors } from "../trace/host-tensors.js";
import { COUNT, MODEL, TEXT, type TextNetworkOptions } from "./network-options.js";
import { Wiring, wired } from "./wiring.js";

export interface LstmTextOptions extends TextNetworkOptions {
  /** How many classes of text are told apart, at least 2; 10 unless given. */
  readonly classes?: number;
  /** Numbers for each word; 64 unless given. */
  readonly width?: number;
  /** Of the LSTM; 128 unless given. */
  readonly units?: number;
}

/** Of a word's numbers. */
const WORD_DEVIATION = 0.05;

/**
 * An LSTM over text: [length] whole numbers to classes, of 80 words out of 10,000 unless told otherwise.
 * @throws BadArgument
 */
export function lstmText(given: LstmTextOptions = {}): LayersModel {
  const known = { ...TEXT, classes: MODEL.classes, width: COUNT, units: COUNT };
  checkOptions("lstmText", given, known);
  const { vocabulary = 10_000, length = 80, width = 64, units = 128, classes = 10, seed } = given;
  const w = new Wiring({ seed });
  const lstm = layers.lstm({
    units,
    kernelInitializer: w.seeds.glorot(),
    // tfjs's orthogonal one needs a backend.
    recurrentInitializer: w.seeds.glorot(),
    unitForgetBias: false,
  });
  const model = wired([length], (input) => {
    const embeddingsInitializer = w.seeds.normal(WORD_DEVIATION);
    const words = w.apply(
      layers.embedding({ inputDim: vocabulary, outputDim: width, embeddingsInitializer }),
      input,
    );
    return w.classifier(w.apply(lstm, words), classes);
  });
  rememberAtFirst(lstm, units);
  return model;
}

/** A forget gate that begins with a bias of 1, as tfjs's `unitForgetBias` makes it by kernels of a backend. */
function rememberAtFirst(lstm: layers.Layer, units: number): void {
  const bias = lstm.weights[2] as (typeof lstm.weights)[number];
  withTensors(engine(), () => {
    const values = new Float32Array(4 * units).fill(1, units, 2 * units);
    const begun = tensor1d(values);
    bias.write(begun);
    begun.dispose();
  });
}

/** Options of `gruSeries`. */
export interface GruSeriesOptions {
  /** A whole number from 0; 0 unless given. */
  readonly seed?: number;
  /** How many moments a row has; 48 unless given. */
  readonly length?: number;
  /** Numbers of each moment; 1 unless given. */
  readonly features?: number;
  /** How many numbers are foretold; 1 unless given. */
  readonly outputs?: number;
  /** Of the GRU; 32 unless given. */
  readonly units?: number;
}

/**
 * A GRU over a series: [length, features] to `outputs` numbers.
 * @throws BadArgument
 */
export function gruSeries(given: GruSeriesOptions = {}): LayersModel {
  const known = { length: COUNT, features: COUNT, outputs: COUNT, units: COUNT };
  checkOptions("gruSeries", given, { seed: MODEL.seed, ...known });
  const { length = 48, features = 1, outputs = 1, units = 32, seed } = given;
  const w = new Wiring({ seed });
  return wired([length, features], (input) => {
    const gru = layers.gru({
      units,
      kernelInitializer: w.seeds.glorot(),
      recurrentInitializer: w.seeds.glorot(),
    });
    return w.dense(w.apply(gru, input), outputs);
  });
}
