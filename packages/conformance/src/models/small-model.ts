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
import type { CheckContext } from "../check.js";
import { refusal } from "./refusal.js";
import { wholeColumn } from "./rows.js";
import type { Trainee, TrainingRows } from "./trainer.js";

const SIDE = 6;
const CLASSES = 3;
const CONVOLUTION = [[3, 3, 1, 4], [4]] as const;

const shapesOf = (convolves: boolean): readonly (readonly number[])[] => [
  ...(convolves ? CONVOLUTION : []),
  [convolves ? 16 : SIDE * SIDE, 8],
  [8],
  [8, CLASSES],
  [CLASSES],
];

const weightsOf = (convolves: boolean): readonly WeightInfo[] =>
  shapesOf(convolves).map((shape, index) => ({
    name: `parameter:${index}`,
    label: `weight ${index}`,
    shape,
    role: "parameter",
    trainable: true,
  }));

function forward(batch: number, convolves: boolean): ModelGraph {
  const builder = new GraphBuilder();
  const weights = weightsOf(convolves).map(({ name, shape }) =>
    builder.persistent(name, "parameter", shape, { trainable: true }),
  );
  const [hidden, hiddenBias, last, lastBias] = weights.slice(-4) as [
    number,
    number,
    number,
    number,
  ];
  const dense = (x: number, weights: number, bias: number) => {
    const product: Attributes = { transposeA: false, transposeB: false };
    return builder.op("Add", [builder.op("BatchMatMul", [x, weights], product), bias]);
  };
  const input = builder.persistent("input", "input", [batch, SIDE, SIDE, 1]);
  const seed = builder.persistent("seed", "state", [1], { dtype: "int32" });
  const features = convolves ? pooled(builder, input, weights) : input;
  const flat = builder.op("Reshape", [features], { shape: [batch, convolves ? 16 : SIDE * SIDE] });
  const active = builder.op("Relu", [dense(flat, hidden, hiddenBias)]);
  const dropped = builder.op("Dropout", [active, seed], { rate: 0.25, ordinal: 0 });
  const output = builder.op("Softmax", [dense(dropped, last, lastBias)]);
  return {
    graph: builder.build(),
    inputs: [{ name: "image", tensor: input }],
    outputs: [{ name: "class", tensor: output }],
    penalties: [],
    labels: [],
    functions: [],
  };
}

function pooled(builder: GraphBuilder, input: number, weights: readonly number[]): number {
  const [filter, bias] = weights as readonly [number, number];
  const window = { strides: [1, 1], padding: [0, 0, 0, 0], dilations: [1, 1] };
  const convolved = builder.op("Add", [builder.op("Conv2D", [input, filter], window), bias]);
  return builder.op("MaxPool", [builder.op("Relu", [convolved])], {
    filterSize: [2, 2],
    strides: [2, 2],
    padding: [0, 0, 0, 0],
  });
}

function startValues(convolves: boolean): Float32Array[] {
  const random = new RandomStream(5, 0xc0ffee);
  return shapesOf(convolves).map((shape) =>
    Float32Array.from({ length: sizeOf(shape) }, () =>
      shape.length > 1 ? 0.4 * random.nextNormal() : 0.1,
    ),
  );
}

const trained = (name: string, convolves: boolean): Trainee => ({
  name,
  at: (batch) => forward(batch, convolves),
  weights: weightsOf(convolves),
  values: startValues(convolves),
  terms: [
    {
      output: "class",
      loss: { name: "sparseCategoricalCrossentropy" },
      weight: 1,
      metrics: [{ label: "acc", metric: { name: "sparseCategoricalAccuracy" } }],
    },
  ],
  optimizer: adam(1e-2),
});

/** The model, trained by Adam. */
const smallModel = trained("small", true);
/** Its dense layers alone, for a device that may refuse convolutions. */
const smallDenseModel = trained("small and dense", false);

/** The model that the device has to train. */
export async function smallModelFor(context: CheckContext): Promise<Trainee> {
  return (await refusal(context, smallModel, smallRows(1))) ? smallDenseModel : smallModel;
}

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
  const images = { dtype: "uint8", rowShape: [SIDE, SIDE, 1], scale: 1 / 255, offset: 0 } as const;
  return { rows, inputs: [{ ...images, data: x }], labels: [wholeColumn(y)] };
}
