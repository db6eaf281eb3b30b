import "@tensorflow/tfjs-backend-cpu";
import * as tfc from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { afterEach, expect, test } from "vitest";
import { capturedWeights, traceModel } from "./index.js";
import { loadParts } from "./on-demand.js";
import { expectSameTraining } from "./test/compare.js";
import { Calls, Scaled } from "./test/custom-layers.js";
import { lossesOf } from "./trained-model.js";
import { modelWarnings } from "./warnings.js";

await loadParts();

const { layers, sequential } = tfl;

afterEach(() => tfc.disposeVariables());

const l2 = () => tfl.regularizers.l2({ l2: 0.5 });
const dense = (units: number, options: object = {}) => layers.dense({ units, ...options });
const first = (units: number, options: object = {}) =>
  dense(units, { inputShape: [3], ...options });
const penalised = () => sequential({ layers: [first(3, { kernelRegularizer: l2() }), dense(3)] });

function functional(body: (x: tfl.SymbolicTensor) => unknown): tfl.LayersModel {
  const input = tfl.input({ shape: [3] });
  return tfl.model({ inputs: input, outputs: body(input) as tfl.SymbolicTensor });
}

const add = (...parts: unknown[]) => layers.add().apply(parts as tfl.SymbolicTensor[]);

/** Adds a loss of its own, of its weights and of what it computed. */
class Penalising extends Scaled {
  constructor({ units }: { readonly units: number }) {
    super({ units });
    this.addLoss(() => tfc.mul(0.3, tfc.sum(tfc.square(this.kernel))) as tfc.Scalar);
  }
  get kernel(): tfc.Tensor {
    return this.inner.weights[0]?.read() as tfc.Tensor;
  }
}

/** Adds a loss of what it computed, or was given, when it was last called. */
class Watching extends layers.Layer {
  static readonly className = "Watching";
  #last: tfc.Tensor | undefined;
  readonly #what: "input" | "result";
  constructor(what: "input" | "result") {
    super({});
    this.#what = what;
    this.addLoss(() => tfc.mul(0.1, tfc.sum(tfc.square(this.#last as tfc.Tensor))) as tfc.Scalar);
  }
  override call(inputs: tfc.Tensor | tfc.Tensor[]): tfc.Tensor {
    const x = (Array.isArray(inputs) ? inputs[0] : inputs) as tfc.Tensor;
    const result = tfc.tanh(x);
    this.#last = this.#what === "input" ? x : result;
    return tfc.clone(result);
  }
}

/** Holds a batch normalisation, and calls it with these keywords or with its own. */
class Normalising extends layers.Layer {
  static readonly className = "Normalising";
  readonly inner = layers.batchNormalization({ gammaRegularizer: l2() });
  readonly #kwargs: object | undefined;
  constructor(kwargs?: object) {
    super({});
    this.#kwargs = kwargs;
  }
  override build(shape: Parameters<tfl.layers.Layer["build"]>[0]): void {
    this.inner.build(shape);
    this.trainableWeights = this.inner.trainableWeights;
    this.nonTrainableWeights = this.inner.nonTrainableWeights;
    super.build(shape);
  }
  override call(inputs: tfc.Tensor | tfc.Tensor[], kwargs: object): tfc.Tensor {
    return this.inner.apply(inputs, (this.#kwargs ?? kwargs) as never) as tfc.Tensor;
  }
}

const MODELS: Readonly<Record<string, () => tfl.LayersModel>> = {
  "a penalised model first in a sequential": () => sequential({ layers: [penalised(), dense(2)] }),
  "a penalised model first in a model that is first": () =>
    sequential({ layers: [sequential({ layers: [penalised(), dense(2)] }), dense(1)] }),
  "a penalised model in the middle": () =>
    sequential({ layers: [first(3), penalised(), dense(2)] }),
  "a penalised model within a functional one": () =>
    functional((x) => dense(2).apply(penalised().apply(x) as tfl.SymbolicTensor)),
  "a penalised layer called twice": () => {
    const shared = first(3, { kernelRegularizer: l2(), biasRegularizer: l2() });
    return functional((x) => add(shared.apply(shared.apply(x)), x));
  },
  "a penalised model called twice": () => {
    const shared = penalised();
    return functional((x) => add(shared.apply(shared.apply(x) as tfl.SymbolicTensor), x));
  },
  "a frozen penalised layer": () =>
    sequential({ layers: [first(3, { kernelRegularizer: l2(), trainable: false }), dense(2)] }),
  "penalised statistics": () =>
    sequential({
      layers: [
        first(3),
        layers.batchNormalization({ gammaRegularizer: l2(), betaRegularizer: l2() }),
        layers.layerNormalization({ gammaRegularizer: l2() }),
        dense(2),
      ],
    }),
  "a layer that adds a loss of its weights": () =>
    sequential({ layers: [first(3), new Penalising({ units: 2 })] }),
  "a layer that adds a loss of its input": () =>
    sequential({ layers: [first(3), new Watching("input"), dense(2)] }),
  "a layer that adds a loss of its result": () =>
    sequential({ layers: [first(3), new Watching("result"), dense(2)] }),
  "a sublayer that trains always": () =>
    sequential({ layers: [first(3), new Normalising({ training: true }), dense(2)] }),
  "a sublayer that never trains": () =>
    sequential({ layers: [first(3), new Normalising({ training: false }), dense(2)] }),
  "a sublayer called without a word": () =>
    sequential({ layers: [first(3), new Normalising({}), dense(2)] }),
  "a sublayer called as its layer is": () =>
    sequential({ layers: [first(3), new Normalising(), dense(2)] }),
  "frozen batch normalisation": () => {
    const frozen = layers.batchNormalization({ trainable: false });
    return sequential({ layers: [first(3), frozen, dense(2)] });
  },
  "a frozen layer between others": () =>
    sequential({ layers: [first(3), dense(3, { trainable: false }), dense(2)] }),
  "a frozen model in the middle": () => {
    const frozen = penalised();
    frozen.trainable = false;
    return sequential({ layers: [first(3), frozen, dense(2)] });
  },
  "a frozen model within a functional one": () => {
    const frozen = penalised();
    frozen.trainable = false;
    return functional((x) => dense(2).apply(frozen.apply(x) as tfl.SymbolicTensor));
  },
  "layers of a frozen model in a functional one": () => {
    const frozen = penalised();
    frozen.trainable = false;
    return tfl.model({
      inputs: frozen.inputs,
      outputs: dense(2).apply(frozen.outputs) as tfl.SymbolicTensor,
    });
  },
  "a layer frozen after it was called twice": () => {
    const shared = first(3);
    const model = functional((x) => dense(2).apply(add(shared.apply(shared.apply(x)), x) as never));
    shared.trainable = false;
    return model;
  },
  "a layer of a user's own whose sublayer is frozen": () => {
    const own = new Scaled({ units: 2 });
    const model = functional((x) => own.apply(dense(3).apply(x) as tfl.SymbolicTensor));
    own.inner.trainable = false;
    return model;
  },
  "a variable whose own trainable is false": () => {
    const model = sequential({ layers: [first(3), dense(2)] });
    const [kernel] = model.weights;
    (kernel?.read() as tfc.Variable).trainable = false;
    return functional((x) => model.apply(x));
  },
  "a batch normalisation called with training: false and a dense model": () =>
    functional((x) =>
      dense(2).apply(layers.batchNormalization().apply(x, { training: false }) as never),
    ),
};

/** The same small weights every time, so that no step runs away from rounding. */
function settle(model: tfl.LayersModel): void {
  const weights = capturedWeights(model);
  const values = weights.readAll().map((value, weight) => {
    const variance = weights.places[weight]?.part === "moving_variance";
    return value.map((_, at) => (variance ? 1 : 0.5 * Math.sin(1 + 3 * weight + at * at)));
  });
  weights.writeTo(model, values);
}

test.each(Object.keys(MODELS))("%s trains as in tfjs, five steps", async (name) => {
  const model = (MODELS[name] as () => tfl.LayersModel)();
  settle(model);
  await expectSameTraining(model);
});

test.each([true, false])(
  "dropout called with training: %s heeds the session alone, as in tfjs, and says so",
  (training) => {
    const model = functional((x) =>
      layers.dropout({ name: "mc", rate: 0.5 }).apply(x, { training } as never),
    );
    const { training: learning, inference, warnings } = traceModel(model);
    const drops = [learning, inference].map(
      ({ two }) => two.graph.nodes.filter(({ op }) => op === "Dropout").length,
    );
    expect(drops).toEqual([1, 0]);
    expect(warnings).toEqual([
      expect.stringMatching(`^layer "mc": it was called with training: ${training}, which tfjs's`),
    ]);
    const x = tfc.ones([4, 3]);
    expect([...(model.predict(x) as tfc.Tensor).dataSync()]).toEqual(new Array(12).fill(1));
  },
);

const kernels = (model: tfl.LayersModel) =>
  traceModel(model).weights.map(({ trainable }) => trainable);

test("a model that stands first in a sequential stays frozen, and tfjs's own fit would train it", async () => {
  const frozen = penalised();
  frozen.trainable = false;
  const model = sequential({ layers: [frozen, dense(2)] });
  const { warnings } = traceModel(model);
  expect(kernels(model)).toEqual([true, true, false, false, false, false]);
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toMatch(
    /^weights "dense_Dense\d+\/kernel",.*: they are frozen and stay as they are; tfjs's own fit, after model\.compile, would train them\.$/,
  );
  model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
  expect(traceModel(model).warnings).toEqual([expect.stringMatching(/as model\.compile left it/)]);
  const before = frozen.getWeights().map((weight) => [...weight.dataSync()]);
  await model.trainOnBatch(tfc.ones([2, 3]), tfc.ones([2, 2]));
  expect(frozen.getWeights().map((weight) => [...weight.dataSync()])).not.toEqual(before);
});

test("a layer thawed after model.compile trains, and tfjs's own fit would leave it", async () => {
  const model = sequential({ layers: [first(3, { trainable: false }), dense(2)] });
  model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
  const [layer] = model.layers;
  if (layer) layer.trainable = true;
  expect(kernels(model)).toEqual([true, true, true, true]);
  expect(traceModel(model).warnings).toEqual([
    expect.stringMatching(/\/kernel", .*they train, as `trainable` says now; tfjs's own fit/),
  ]);
  model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
  expect(traceModel(model).warnings).toEqual([]);
});

test("a frozen sublayer in a sequential stays frozen, and tfjs's own fit would train it", () => {
  const own = new Scaled({ units: 2 });
  const model = sequential({ layers: [first(3), own] });
  own.inner.trainable = false;
  expect(kernels(model)).toEqual([true, true, false, false]);
  expect(traceModel(model).warnings).toEqual([expect.stringMatching(/they are frozen and stay/)]);
});

test("a layer in two nested models moves once a step, and tfjs's own fit moves it twice", async () => {
  // Weights at random may have a gradient of almost nothing, of which no multiple can be told.
  const kernelInitializer = "ones";
  const layer = first(3, { kernelRegularizer: l2(), kernelInitializer });
  const [a, b] = [
    sequential({ layers: [layer] }),
    sequential({ layers: [layer, dense(3, { kernelInitializer })] }),
  ];
  const model = functional((x) => add(a.apply(x), b.apply(x)));
  const { training, warnings } = traceModel(model);
  expect(training.two.penalties).toHaveLength(2);
  expect(warnings).toEqual([
    expect.stringMatching(/\/kernel".*\/bias": several nested models share them, and tfjs's own/),
  ]);
  const values = layer.getWeights().map((weight) => weight.dataSync());
  const alone = functional((x) => add(layer.apply(x), b.layers[1]?.apply(layer.apply(x) as never)));
  expect(traceModel(alone).warnings).toEqual([]);
  const move = async (one: tfl.LayersModel) => {
    one.compile({ optimizer: tfc.train.sgd(1e-4), loss: "meanSquaredError" });
    layer.setWeights(values.map((value, at) => tfc.tensor(value, layer.weights[at]?.shape as [])));
    await one.trainOnBatch(tfc.ones([2, 3]), tfc.zeros([2, 3]));
    const bias = layer.getWeights()[1]?.dataSync()[0] ?? 0;
    return bias - (values[1]?.[0] ?? 0);
  };
  expect((await move(model)) / (await move(alone))).toBeCloseTo(2, 1);
});

test("tracing a model that was never built leaves `trainable` of its weights as it was", () => {
  const frozen = sequential({ layers: [first(3)] });
  frozen.trainable = false;
  const model = sequential({ layers: [frozen, dense(2)] });
  const flags = () =>
    model.weights.map((weight) => (weight as unknown as { trainable: boolean }).trainable);
  const before = flags();
  traceModel(model);
  expect(flags()).toEqual(before);
});

test("a sequential whose last layer was taken off since it was built is refused until it is built", () => {
  const model = sequential({ name: "popped", layers: [first(3), dense(2)] });
  model.predict(tfc.ones([1, 3]));
  model.pop();
  expect(() => traceModel(model)).toThrow(
    /^\[hone\] model "popped": its layers are others than when it was built, as after pop\(\)/,
  );
  model.build();
  expect(traceModel(model).outputs[0]?.shape).toEqual([3]);
});

test("a penalty that is no number is refused by the layer's name", () => {
  const model = sequential({ layers: [first(3, { name: "mine" })] });
  const [layer] = model.layers;
  const kernel = layer?.weights[0];
  layer?.addLoss(() => tfc.square(kernel?.read() as tfc.Tensor) as tfc.Scalar);
  expect(() => traceModel(model)).toThrow(/adds a penalty of shape \[3,3\]/);
});

test("what a penalty cannot compute is refused by the layer's name", () => {
  const model = sequential({ layers: [first(3, { name: "mine" })] });
  const [layer] = model.layers;
  const kernel = layer?.weights[0];
  layer?.addLoss(() => tfc.sum(tfc.unique(kernel?.read() as tfc.Tensor, 1).values) as tfc.Scalar);
  expect(() => traceModel(model)).toThrow(/^\[hone\] layer "mine": uses the tfjs kernel Unique/);
});

test("one error names every layer that cannot be compiled, each once", () => {
  const twice = new Calls((x) => tfc.unique(x, 1).values, "second");
  const model = sequential({
    name: "many",
    layers: [
      dense(3, { inputShape: [3] }),
      new Calls((x) => tfc.multinomial(x as tfc.Tensor2D, 3), "first"),
      sequential({ layers: [dense(3, { inputShape: [3] }), twice] }),
      new Calls((x) => tfc.mul(x, x.dataSync()[0] ?? 1), "third"),
    ],
  });
  expect(() => traceModel(model)).toThrow(
    /^\[hone\] model "many": 3 parts of it cannot be compiled\. layer "first": uses the tfjs kernel Multinomial.* layer "second": uses the tfjs kernel Unique.* layer "third": reads the values/,
  );
});

test("regularizers of cells, which tfjs's fit leaves out, are said to be left out", () => {
  const cell = { units: 2, kernelRegularizer: l2(), recurrentInitializer: "glorotNormal" } as const;
  const model = sequential({
    layers: [
      layers.gru({ name: "gru", inputShape: [4, 3], returnSequences: true, ...cell }),
      layers.bidirectional({
        name: "both",
        mergeMode: "concat",
        layer: layers.simpleRNN({ ...cell, name: "rnn" }) as tfl.RNN,
      }),
      layers.dense({ units: 1, kernelRegularizer: l2() }),
    ],
  });
  model.build();
  expect(lossesOf(model)).toHaveLength(1);
  expect(modelWarnings(model)).toEqual(
    ["gru", "both"].map(
      (name) =>
        `layer "${name}": the regularizers of its cells are not added to the loss, as in tfjs's fit.`,
    ),
  );
});
