/** Softmax cross-entropy, its gradient, and the count of right answers, made of stock kernels. */
import { type Call, invariant, type Shape, shapeOfInput, sizeOf } from "@hone/core/backend";
import type { Tensor } from "../stock/stock.js";
import { reduce, SHIFTED_LOGITS_KERNELS, shiftedLogits } from "./reductions.js";
import { type CallRun, type Compute, flat, reshaped, type StockOp } from "./stock-op.js";

type Kinds = Readonly<Record<string, (call: Call) => Compute>>;

/** Picks by the call's `kind` of labels. */
const byKind = (op: string, kernels: readonly string[], kinds: Kinds): StockOp => ({
  op,
  kernels,
  lower: (call) => {
    const lower = kinds[String(call.attributes.kind)];
    invariant(lower, op, `kind "${call.attributes.kind}" of labels is unknown`);
    return lower(call);
  },
});

function rowsOf(call: Call): [rows: number, columns: number] {
  const shape: Shape = shapeOfInput(call, 0);
  const columns = shape.at(-1) ?? 1;
  return [sizeOf(shape) / columns, columns];
}

/** Labels as rows of zeros with one 1; a row of zeros for a label outside of the classes. */
function oneHot(run: CallRun, rows: number, depth: number): Tensor {
  const indices = reshaped(run.input(1), [rows]);
  // On wasm the kernel writes whole numbers, whatever type is asked for.
  const attributes = { depth, onValue: 1, offValue: 0, dtype: "int32" };
  return run.kernel(
    "Cast",
    { x: run.kernel("OneHot", { indices }, attributes) },
    { dtype: "float32" },
  );
}

/** 1 for each row with a label, NaN for a row without: what a loss outside of the classes is worth. */
function known(run: CallRun, labels: Tensor): Tensor {
  const sum = reduce(run, "Sum", labels, 1, true);
  return run.kernel("RealDiv", { a: sum, b: sum });
}

const sparseLoss = (call: Call): Compute => {
  const [rows, columns] = rowsOf(call);
  return (run) => {
    const { shifted, logSum } = shiftedLogits(run, reshaped(run.input(0), [rows, columns]));
    const labels = oneHot(run, rows, columns);
    // Chosen, not multiplied: a logit of minus infinity elsewhere in the row would give NaN.
    const chosen = run.kernel("Select", {
      condition: flat(run.kernel("Cast", { x: labels }, { dtype: "bool" })),
      t: flat(shifted),
      e: run.constant("zeros", () => ({
        values: new Float32Array(rows * columns),
        shape: [rows * columns],
      })),
    });
    const logit = reduce(run, "Sum", reshaped(chosen, [rows, columns]), 1, true);
    const losses = run.kernel("Sub", { a: logSum, b: logit });
    return run.kernel("Multiply", { a: losses, b: known(run, labels) });
  };
};

const oneHotLoss = (call: Call): Compute => {
  const [rows, columns] = rowsOf(call);
  return (run) => {
    const { shifted, logSum } = shiftedLogits(run, reshaped(run.input(0), [rows, columns]));
    const terms = run.kernel("Sub", { a: logSum, b: shifted });
    const labels = reshaped(run.input(1), [rows, columns]);
    return reduce(run, "Sum", run.kernel("Multiply", { a: labels, b: terms }), 1);
  };
};

const sparseGradient = (call: Call): Compute => {
  const [rows, columns] = rowsOf(call);
  return (run) => {
    const labels = oneHot(run, rows, columns);
    const logits = reshaped(run.input(0), [rows, columns]);
    const probabilities = run.kernel("Softmax", { logits }, { dim: 1 });
    const difference = run.kernel("Sub", { a: probabilities, b: labels });
    const weights = run.kernel("Multiply", {
      a: reshaped(run.input(2), [rows, 1]),
      b: known(run, labels),
    });
    return run.kernel("Multiply", { a: difference, b: weights });
  };
};

const oneHotGradient = (call: Call): Compute => {
  const [rows, columns] = rowsOf(call);
  return (run) => {
    const logits = reshaped(run.input(0), [rows, columns]);
    const labels = reshaped(run.input(1), [rows, columns]);
    const probabilities = run.kernel("Softmax", { logits }, { dim: 1 });
    const shares = reduce(run, "Sum", labels, 1, true);
    const weighted = run.kernel("Multiply", { a: probabilities, b: shares });
    const difference = run.kernel("Sub", { a: weighted, b: labels });
    return run.kernel("Multiply", { a: difference, b: reshaped(run.input(2), [rows, 1]) });
  };
};

/** How many elements of two tensors of equal shape are the same. */
function countEqual(run: CallRun, a: Tensor, b: Tensor): Tensor {
  const equal = run.kernel("Equal", { a: flat(a), b: flat(b) });
  return reduce(run, "Sum", run.kernel("Cast", { x: equal }, { dtype: "float32" }), 0);
}

const winners = (run: CallRun, x: Tensor) => run.kernel("ArgMax", { x }, { axis: 1 });

const countSparse = (call: Call): Compute => {
  const shape = rowsOf(call);
  return (run) => countEqual(run, winners(run, reshaped(run.input(0), shape)), run.input(1));
};

const countOneHot = (call: Call): Compute => {
  const shape = rowsOf(call);
  return (run) => {
    const [outputs, labels] = [reshaped(run.input(0), shape), reshaped(run.input(1), shape)];
    return countEqual(run, winners(run, outputs), winners(run, labels));
  };
};

export const lossOps: readonly StockOp[] = [
  byKind(
    "SoftmaxCrossEntropy",
    [...SHIFTED_LOGITS_KERNELS, "OneHot", "Select", "Multiply", "RealDiv"],
    { sparse: sparseLoss, "one-hot": oneHotLoss },
  ),
  byKind("SoftmaxCrossEntropyGrad", ["Softmax", "Sub", "Multiply", "OneHot", "Sum", "RealDiv"], {
    sparse: sparseGradient,
    "one-hot": oneHotGradient,
  }),
  byKind("CountCorrect", ["ArgMax", "Equal", "Sum"], {
    sparse: countSparse,
    "one-hot": countOneHot,
  }),
];
