/** A convolution, a pool, dropout and two dense layers over 6x6 images: quick, with an op of each kind. */
import {
  type Attributes,
  adam,
  GraphBuilder,
  type ModelGraph,
  RandomStream,
  sizeOf,
  type WeightInfo,
} from "@hone/core/internals";
import type { Trainee, TrainingRows } from "./trainer.js";

const SIDE = 6;
const CLASSES = 3;
const SHAPES = [[3, 3, 1, 4], [4], [16, 8], [8], [8, CLASSES], [CLASSES]] as const;

const WEIGHTS: readonly WeightInfo[] = SHAPES.map((shape, index) => ({
  name: `parameter:${index}`,
  label: `weight ${index}`,
  shape,
  role: "parameter",
  trainable: true,
}));

function forward(batch: number): ModelGraph {
  const builder = new GraphBuilder();
  const [filter, channelBias, hidden, hiddenBias, last, lastBias] = WEIGHTS.map(({ name, shape }) =>
    builder.persistent(name, "parameter", shape, { trainable: true }),
  ) as [number, number, number, number, number, number];
  const dense = (x: number, weights: number, bias: number) => {
    const product: Attributes = { transposeA: false, transposeB: false };
    return builder.op("Add", [builder.op("BatchMatMul", [x, weights], product), bias]);
  };
  const input = builder.persistent("input", "input", [batch, SIDE, SIDE, 1]);
  const seed = builder.persistent("seed", "state", [1], { dtype: "int32" });
  const window = { strides: [1, 1], padding: [0, 0, 0, 0], dilations: [1, 1] };
  const convolved = builder.op("Add", [builder.op("Conv2D", [input, filter], window), channelBias]);
  const pooled = builder.op("MaxPool", [builder.op("Relu", [convolved])], {
    filterSize: [2, 2],
    strides: [2, 2],
    padding: [0, 0, 0, 0],
  });
  const flat = builder.op("Reshape", [pooled], { shape: [batch, 16] });
  const active = builder.op("Relu", [dense(flat, hidden, hiddenBias)]);
  const dropped = builder.op("Dropout", [active, seed], { rate: 0.25, ordinal: 0 });
  const output = builder.op("Softmax", [dense(dropped, last, lastBias)]);
  return { graph: builder.build(), input, output, penalties: [] };
}

function startValues(): Float32Array[] {
  const random = new RandomStream(5, 0xc0ffee);
  return SHAPES.map((shape) =>
    Float32Array.from({ length: sizeOf(shape) }, () =>
      shape.length > 1 ? 0.4 * random.nextNormal() : 0.1,
    ),
  );
}

/** The model, trained by Adam. */
export const smallModel: Trainee = {
  name: "small",
  at: forward,
  weights: WEIGHTS,
  values: startValues(),
  loss: "sparseCategoricalCrossentropy",
  accuracy: "sparse",
  optimizer: adam(1e-2),
};

/** Images of noise, each with a bright row that tells its class. */
export function smallRows(rows: number): TrainingRows {
  const random = new RandomStream(6, 0xc0ffee);
  const pixels = SIDE * SIDE;
  const x = new Uint8Array(rows * pixels);
  const y = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    const label = random.nextInteger(CLASSES);
    y[row] = label;
    for (let pixel = 0; pixel < pixels; pixel++) {
      const bright = Math.floor(pixel / SIDE / 2) === label;
      x[row * pixels + pixel] = random.nextInteger(120) + (bright ? 130 : 0);
    }
  }
  const spec = {
    x: { dtype: "uint8", rowShape: [SIDE, SIDE, 1], scale: 1 / 255, offset: 0 },
    y: { dtype: "int32", rowShape: [], scale: 1, offset: 0 },
  } as const;
  return { rows, spec, x, y };
}
