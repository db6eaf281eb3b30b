/** A recurrent net with its steps written out, built without tfjs: a graph as large as one likes. */
import { GraphBuilder } from "../../graph/builder.js";
import type { ModelGraph } from "../../graph/template.js";

const [BATCH, FEATURES, UNITS] = [4, 3, 8];

/**
 * A layer over features, then gates by hard sigmoids, relu, and a state kept at mean zero: products,
 * slices, and patterns that a plan rewrites. Input [4, steps, 3], output [4, 1].
 */
export function unrolledModel(steps: number): ModelGraph {
  const builder = new GraphBuilder();
  const shapes = [
    [FEATURES, FEATURES],
    [FEATURES, 4 * UNITS],
    [UNITS, 4 * UNITS],
    [4 * UNITS],
    [UNITS, 1],
  ];
  const weights = shapes.map((shape, index) =>
    builder.persistent(`parameter:${index}`, "parameter", shape, { trainable: true }),
  );
  const [before, kernel, recurrent, bias, after] = weights as [
    number,
    number,
    number,
    number,
    number,
  ];
  const input = builder.persistent("input", "input", [BATCH, steps, FEATURES]);
  const op = (name: string, ...inputs: number[]) => builder.op(name, inputs);
  const product = (a: number, b: number) =>
    builder.op("BatchMatMul", [a, b], { transposeA: false, transposeB: false });
  const reshape = (id: number, ...shape: number[]) => builder.op("Reshape", [id], { shape });
  const hardSigmoid = (id: number) =>
    builder.op(
      "ClipByValue",
      [op("Add", op("Multiply", id, builder.scalar(0.2)), builder.scalar(0.5))],
      { clipValueMin: 0, clipValueMax: 1 },
    );
  const centred = (id: number) => {
    const sum = builder.op("Sum", [id], { axes: [1], keepDims: true });
    return op("Sub", id, op("Multiply", sum, builder.scalar(1 / UNITS)));
  };

  builder.label = "recurrent";
  const rows = reshape(input, BATCH * steps, FEATURES);
  const sequence = reshape(product(rows, before), BATCH, steps, FEATURES);
  let output = builder.op("Fill", [], { shape: [BATCH, UNITS], value: 0 });
  let state = output;
  for (let step = 0; step < steps; step++) {
    const size = [BATCH, 1, FEATURES];
    const x = reshape(
      builder.op("Slice", [sequence], { begin: [0, step, 0], size }),
      BATCH,
      FEATURES,
    );
    const z = op("Add", op("Add", product(x, kernel), product(output, recurrent)), bias);
    const [i, f, g, o] = [0, 1, 2, 3].map((gate) =>
      builder.op("Slice", [z], { begin: [0, gate * UNITS], size: [BATCH, UNITS] }),
    ) as [number, number, number, number];
    const kept = op("Multiply", hardSigmoid(f), state);
    state = centred(op("Add", kept, op("Multiply", hardSigmoid(i), op("Relu", g))));
    output = op("Multiply", hardSigmoid(o), op("Tanh", state));
  }
  const result = product(output, after);
  return {
    graph: builder.build(),
    inputs: [{ name: "x", tensor: input }],
    outputs: [{ name: "y", tensor: result }],
    penalties: [],
    labels: [],
    functions: [],
  };
}
