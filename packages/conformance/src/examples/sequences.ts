/**
 * The examples over text and series. Their layers and losses, with fewer units, letters and time steps: stock tfjs takes
 * seconds for a step of the examples' own sizes. Recurrent kernels begin as glorotUniform where the examples leave
 * them orthogonal, which tfjs-core and tfjs-layers alone cannot draw; all weights are drawn anew.
 */
import { gather, squeeze, type Tensor, tidy, train } from "@tensorflow/tfjs-core";
import {
  input,
  type LayersModel,
  layers,
  model,
  regularizers,
  type SymbolicTensor,
  sequential,
} from "@tensorflow/tfjs-layers";
import type { Example, ExampleColumn } from "./example.js";

type Layer = Parameters<typeof layers.timeDistributed>[0]["layer"];

const recurrent = { recurrentInitializer: "glorotUniform" } as const;
const simpleRNN = (units: number, more = {}) =>
  layers.simpleRNN({ units, ...recurrent, ...more }) as Layer;
const gru = (units: number, more = {}) => layers.gru({ units, ...recurrent, ...more }) as Layer;
const lstm = (units: number, more = {}) => layers.lstm({ units, ...recurrent, ...more }) as Layer;
const each = (layer: Layer) => layers.timeDistributed({ layer }) as Layer;
const applied = (layer: Layer, to: SymbolicTensor | SymbolicTensor[]) =>
  layer.apply(to) as SymbolicTensor;

const letters = (length: number, count: number): ExampleColumn => ({
  shape: [length, count],
  kind: "one-hot",
});
const words = (length: number, classes: number): ExampleColumn => ({
  shape: [length],
  kind: "class-index",
  classes,
});

/** "12+34 " and "46 ", of twelve letters. */
const SUM = { question: 5, answer: 3, letters: 12 };

const addition = (
  name: string,
  layer: (units: number, more?: object) => Layer,
): Omit<Example, "batch"> => ({
  name,
  model: () =>
    sequential({
      layers: [
        layer(24, { inputShape: [SUM.question, SUM.letters] }),
        layers.repeatVector({ n: SUM.answer }),
        layer(24, { returnSequences: true }),
        each(layers.dense({ units: SUM.letters })),
        layers.activation({ activation: "softmax" }),
      ],
    }),
  inputs: [letters(SUM.question, SUM.letters)],
  labels: [letters(SUM.answer, SUM.letters)],
  optimizer: () => "adam",
  loss: "categoricalCrossentropy",
  metrics: ["accuracy"],
});

const SERIES = { inputShape: [12, 14] };

const weather = (name: string, ...stack: readonly (() => Layer)[]): Example => ({
  name: `jena-weather, ${name}`,
  model: () =>
    sequential({ layers: [...stack.map((layer) => layer()), layers.dense({ units: 1 })] }),
  inputs: [{ shape: SERIES.inputShape, kind: "normal" }],
  labels: [{ shape: [1], kind: "normal" }],
  optimizer: () => "rmsprop",
  loss: "meanAbsoluteError",
  batch: 16,
});
const flat = () => layers.flatten(SERIES);
const hidden = (more = {}) => layers.dense({ units: 32, activation: "relu", ...more });

const TEXT = { length: 10, letters: 20 };

const textGeneration = (name: string, ...sizes: readonly number[]): Example => ({
  name: `lstm-text-generation, ${name}`,
  model: () =>
    sequential({
      layers: [
        ...sizes.map((units, at) =>
          lstm(units, {
            returnSequences: at < sizes.length - 1,
            ...(at === 0 && { inputShape: [TEXT.length, TEXT.letters] }),
          }),
        ),
        layers.dense({ units: TEXT.letters, activation: "softmax" }),
      ],
    }),
  inputs: [letters(TEXT.length, TEXT.letters)],
  labels: [{ shape: [TEXT.letters], kind: "one-hot" }],
  optimizer: () => train.rmsprop(0.01),
  loss: "categoricalCrossentropy",
  batch: 8,
});

const REVIEW = { length: 12, words: 60, width: 16 };

const sentiment = (name: string, ...stack: readonly (() => Layer)[]): Example => ({
  name: `sentiment, ${name}`,
  model: () =>
    sequential({
      layers: [
        layers.embedding({
          inputDim: REVIEW.words,
          outputDim: REVIEW.width,
          inputLength: REVIEW.length,
        }),
        ...stack.map((layer) => layer()),
        layers.dense({ units: 1, activation: "sigmoid" }),
      ],
    }),
  inputs: [words(REVIEW.length, REVIEW.words)],
  labels: [{ shape: [1], kind: "binary" }],
  optimizer: () => "adam",
  loss: "binaryCrossentropy",
  metrics: ["acc"],
  batch: 8,
});

const multihot: Example = {
  ...sentiment("multihot"),
  model: () =>
    sequential({
      layers: [
        layers.dense({ units: 16, activation: "relu", inputShape: [REVIEW.words] }),
        layers.dense({ units: 16, activation: "relu" }),
        layers.dense({ units: 1, activation: "sigmoid" }),
      ],
    }),
  inputs: [{ shape: [REVIEW.words], kind: "binary" }],
};

/** Every word of a query is of one of three kinds. */
const QUERY = { inputShape: [8, 32] };

const tagger = (name: string, layer: () => Layer): Example => ({
  name: `intent-classifier, ${name}`,
  model: () =>
    sequential({
      layers: [
        layer(),
        each(layers.dense({ units: 3 })),
        layers.activation({ activation: "softmax" }),
      ],
    }),
  inputs: [{ shape: QUERY.inputShape, kind: "normal" }],
  labels: [letters(8, 3)],
  optimizer: () => "adam",
  loss: "categoricalCrossentropy",
  metrics: ["accuracy"],
  batch: 8,
});

class LastTimeStep extends layers.Layer {
  static readonly className = "LastTimeStep";

  constructor(config: object) {
    super(config);
    this.supportsMasking = true;
  }

  override computeOutputShape([batch, , units]: number[]): number[] {
    return [batch, units] as number[];
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    const x = [inputs].flat()[0] as Tensor;
    return tidy(() => squeeze(gather(x, [(x.shape[1] as number) - 1], 1), [1]));
  }
}

const DATE = { read: 8, written: 7, readLetters: 20, writtenLetters: 13, units: 16 };

/** What is written attends to what was read; the letter 0 of both is none. */
function dateConversion(): LayersModel {
  const { read, written, readLetters, writtenLetters, units } = DATE;
  const [asked, begun] = [input({ shape: [read] }), input({ shape: [written] })];
  const embedded = (to: SymbolicTensor, inputDim: number, inputLength: number) =>
    applied(layers.embedding({ inputDim, outputDim: units, inputLength, maskZero: true }), to);
  const sequence = { returnSequences: true };
  const encoder = applied(lstm(units, sequence), embedded(asked, readLetters, read));
  const last = applied(new LastTimeStep({}) as Layer, encoder);
  const decoder = lstm(units, sequence).apply(embedded(begun, writtenLetters, written), {
    initialState: [last, last],
  } as never) as SymbolicTensor;
  const scores = applied(layers.dot({ axes: [2, 2] } as never), [decoder, encoder]);
  const attention = applied(layers.activation({ activation: "softmax" }), scores);
  const context = applied(layers.dot({ axes: [2, 1] } as never), [attention, encoder]);
  const both = applied(layers.concatenate(), [context, decoder]);
  const mixed = applied(each(layers.dense({ units, activation: "tanh" })), both);
  const letter = layers.dense({ units: writtenLetters, activation: "softmax" });
  return model({ inputs: [asked, begun], outputs: applied(each(letter), mixed) });
}

const PHRASE = { read: 7, written: 6, readLetters: 18, writtenLetters: 22, units: 24 };

/** A decoder that begins where an encoder ended, over phrases of any length. */
function translation(): LayersModel {
  const { readLetters, writtenLetters, units } = PHRASE;
  const asked = input({ shape: [null, readLetters] });
  const begun = input({ shape: [null, writtenLetters] });
  const [, ...state] = lstm(units, { returnState: true }).apply(asked) as SymbolicTensor[];
  const [decoded] = lstm(units, { returnSequences: true, returnState: true }).apply(begun, {
    initialState: state,
  } as never) as [SymbolicTensor];
  const letter = layers.dense({ units: writtenLetters, activation: "softmax" });
  return model({ inputs: [asked, begun], outputs: applied(letter, decoded) });
}

export const sequenceExamples: readonly Example[] = [
  { ...addition("addition-rnn, simpleRNN", simpleRNN), batch: 16 },
  { ...addition("addition-rnn, gru", gru), batch: 8 },
  { ...addition("addition-rnn-webworker, lstm", lstm), batch: 8, webgpu: true },
  weather("linear-regression", flat),
  weather("mlp", flat, hidden),
  weather("mlp-l2", flat, () => hidden({ kernelRegularizer: regularizers.l2() })),
  weather("mlp-dropout", flat, hidden, () => layers.dropout({ rate: 0 })),
  weather("simpleRNN", () => simpleRNN(32, SERIES)),
  { ...weather("gru", () => gru(32, SERIES)), webgpu: true },
  textGeneration("one layer", 32),
  textGeneration("two layers", 24, 16),
  multihot,
  sentiment("flatten", () => layers.flatten()),
  sentiment(
    "cnn",
    () => layers.dropout({ rate: 0 }),
    () => layers.conv1d({ filters: 24, kernelSize: 5, activation: "relu" }),
    () => layers.globalMaxPool1d({}),
    () => layers.dense({ units: 24, activation: "relu" }),
  ),
  sentiment("simpleRNN", () => simpleRNN(32)),
  sentiment("lstm", () => lstm(32)),
  sentiment(
    "bidirectionalLSTM",
    () => layers.bidirectional({ layer: lstm(16) as never, mergeMode: "concat" }) as Layer,
  ),
  tagger("lstm", () => lstm(8, { returnSequences: true, ...QUERY })),
  tagger(
    "bidirectional-lstm",
    () =>
      layers.bidirectional({
        layer: lstm(8, { returnSequences: true }) as never,
        ...QUERY,
      } as never) as Layer,
  ),
  {
    name: "date-conversion-attention",
    webgpu: true,
    model: dateConversion,
    inputs: [
      { ...words(DATE.read, DATE.readLetters), kind: "padded-text" },
      { ...words(DATE.written, DATE.writtenLetters), kind: "padded-text" },
    ],
    labels: [letters(DATE.written, DATE.writtenLetters)],
    optimizer: () => "adam",
    loss: "categoricalCrossentropy",
    batch: 8,
  },
  {
    name: "translation",
    model: translation,
    inputs: [
      letters(PHRASE.read, PHRASE.readLetters),
      letters(PHRASE.written, PHRASE.writtenLetters),
    ],
    labels: [letters(PHRASE.written, PHRASE.writtenLetters)],
    optimizer: () => "rmsprop",
    loss: "categoricalCrossentropy",
    batch: 8,
  },
];
