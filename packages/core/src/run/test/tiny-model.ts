/** A two-layer perceptron and a separable data set, built without tfjs: what tests of the loop need. */
import { GraphBuilder } from "../../graph/builder.js";
import { sizeOf } from "../../graph/geometry.js";
import { adam, type Optimizer } from "../../graph/optimizer.js";
import type { ModelGraph, TracedModel } from "../../graph/template.js";
import type { Term } from "../../graph/terms.js";
import { RandomStream } from "../../random.js";
import type { PlainDataset } from "../dataset.js";
import { checkResumed } from "../resumed.js";
import type { Captured, SessionParts } from "../session.js";

export const FEATURES = 6;
export const CLASSES = 3;
const SHAPES = [[FEATURES, 8], [8], [8, CLASSES], [CLASSES]] as const;

function forward(batch: number, dropout: number): ModelGraph {
  const builder = new GraphBuilder();
  const [w1, b1, w2, b2] = SHAPES.map((shape, index) =>
    builder.persistent(`parameter:${index}`, "parameter", shape, { trainable: true }),
  ) as [number, number, number, number];
  const seed = builder.persistent("seed", "state", [1], { dtype: "int32" });
  const input = builder.persistent("input", "input", [batch, FEATURES]);
  const product = (a: number, b: number) =>
    builder.op("BatchMatMul", [a, b], { transposeA: false, transposeB: false });
  builder.label = "hidden";
  let hidden = builder.op("Relu", [builder.op("Add", [product(input, w1), b1])]);
  if (dropout > 0) hidden = builder.op("Dropout", [hidden, seed], { rate: dropout, ordinal: 0 });
  builder.label = "output";
  const output = builder.op("Softmax", [builder.op("Add", [product(hidden, w2), b2])]);
  const ports = {
    inputs: [{ name: "input", tensor: input }],
    outputs: [{ name: "output", tensor: output }],
  };
  return { graph: builder.build(), ...ports, penalties: [], labels: [], functions: [] };
}

export function tinyModel(dropout = 0): TracedModel {
  const template = (rate: number) => ({ two: forward(2, rate), three: forward(3, rate) });
  return {
    training: template(dropout),
    inference: template(0),
    weights: SHAPES.map((shape, index) => ({
      name: `parameter:${index}`,
      label: `weight${index}`,
      shape,
      role: "parameter",
      trainable: true,
    })),
    inputs: [{ name: "input", shape: [FEATURES], dtype: "float32" }],
    outputs: [{ name: "output", shape: [CLASSES], dtype: "float32" }],
    warnings: [],
  };
}

export function tinyWeights(seed = 1): Float32Array[] {
  const random = new RandomStream(seed, 1);
  return SHAPES.map((shape) =>
    Float32Array.from({ length: sizeOf(shape) }, () => (random.nextFloat() - 0.5) * 0.8),
  );
}

/** Class c has a raised feature c and c + 3; a little noise. */
export function tinyData(rows: number, seed = 2): PlainDataset {
  const random = new RandomStream(seed, 2);
  const labels = Uint8Array.from({ length: rows }, () => random.nextInteger(CLASSES));
  const x = Float32Array.from({ length: rows * FEATURES }, (_, index) => {
    const raised = (index % FEATURES) % CLASSES === labels[Math.floor(index / FEATURES)];
    return random.nextFloat() + (raised ? 0.8 : 0);
  });
  return {
    name: "tiny",
    rows,
    columns: {
      x: { data: x, shape: [FEATURES], scale: 1, offset: 0 },
      y: { data: labels, shape: [], scale: 1, offset: 0 },
    },
  };
}

/** What judges the tiny model's only output. */
export const TINY_TERMS: readonly Term[] = [
  {
    output: "output",
    loss: { name: "sparseCategoricalCrossentropy" },
    weight: 1,
    metrics: [{ label: "acc", metric: { name: "sparseCategoricalAccuracy" } }],
  },
];

interface TinyOptions {
  readonly optimizer?: Optimizer;
  readonly dropout?: number;
  readonly seed?: number;
}

export function tinyCaptured(options: TinyOptions = {}): Captured {
  return {
    traced: tinyModel(options.dropout),
    weights: tinyWeights(),
    setup: {
      terms: TINY_TERMS,
      optimizer: options.optimizer ?? adam(0.01),
      seed: options.seed ?? 3,
    },
  };
}

export function tinyParts(
  device: SessionParts<unknown>["device"],
  options: TinyOptions = {},
): SessionParts<unknown> {
  return {
    device,
    inputs: [{ name: "input", shape: [FEATURES], dtype: "float32" }],
    capture: () => tinyCaptured(options),
    writeBack: () => undefined,
    valuesOf: () => tinyWeights(),
    checkResume: checkResumed,
    failover: { options: { backends: [] }, verify: async () => ({ ok: true }) },
  };
}
