/**
 * Softmax cross-entropy, its gradient, and the count of right answers.
 *
 * The loss Σ labelᵢ·(logsumexp − logitᵢ) is summed as Σ labelᵢ·((max − logitᵢ) + log Σ exp(logit − max)),
 * which loses no digits to large logits.
 */
import { type Call, invariant, shapeOfInput } from "@hone/core/backend";
import {
  floatInput,
  floatOutput,
  integerInput,
  type Kernel,
  type KernelFactory,
  type KernelTable,
  output,
  type Views,
} from "./kernel.js";
import { firstMaximum, sumOfExponentials } from "./rows.js";

/** Picks the kernel for the call's `kind` of labels. */
function byKind(factories: Readonly<Record<string, KernelFactory>>): KernelFactory {
  return (call, views) => {
    const factory = factories[String(call.attributes.kind)];
    invariant(factory, call.op, `kind "${call.attributes.kind}" of labels is unknown`);
    return factory(call, views);
  };
}

function logitsOf(call: Call, views: Views) {
  const logits = floatInput(call, views, 0);
  const columns = shapeOfInput(call, 0).at(-1) ?? 1;
  return { logits, rows: logits.length / columns, columns };
}

const sparseLoss: KernelFactory = (call, views) => {
  const { logits, rows, columns } = logitsOf(call, views);
  const labels = integerInput(call, views, 1);
  const losses = floatOutput(call, views);
  return () => {
    for (let row = 0; row < rows; row++) {
      const start = row * columns;
      const shift = logits[start + firstMaximum(logits, start, columns)] as number;
      const logSum = Math.log(sumOfExponentials(logits, start, columns, shift));
      const label = labels[row] as number;
      const known = label >= 0 && label < columns;
      losses[row] = known ? shift - (logits[start + label] as number) + logSum : Number.NaN;
    }
  };
};

const oneHotLoss: KernelFactory = (call, views) => {
  const { logits, rows, columns } = logitsOf(call, views);
  const labels = floatInput(call, views, 1);
  const losses = floatOutput(call, views);
  return () => {
    for (let row = 0; row < rows; row++) {
      const start = row * columns;
      const shift = logits[start + firstMaximum(logits, start, columns)] as number;
      const logSum = Math.log(sumOfExponentials(logits, start, columns, shift));
      let loss = 0;
      for (let i = start; i < start + columns; i++) {
        loss += (labels[i] as number) * (shift - (logits[i] as number) + logSum);
      }
      losses[row] = loss;
    }
  };
};

const sparseLossGradient: KernelFactory = (call, views) => {
  const { logits, rows, columns } = logitsOf(call, views);
  const labels = integerInput(call, views, 1);
  const dLosses = floatInput(call, views, 2);
  const dLogits = floatOutput(call, views);
  return () => {
    for (let row = 0; row < rows; row++) {
      const start = row * columns;
      const shift = logits[start + firstMaximum(logits, start, columns)] as number;
      const sum = sumOfExponentials(logits, start, columns, shift);
      const label = labels[row] as number;
      const known = label >= 0 && label < columns;
      const dLoss = known ? (dLosses[row] as number) : Number.NaN;
      for (let i = 0; i < columns; i++) {
        const probability = Math.exp((logits[start + i] as number) - shift) / sum;
        dLogits[start + i] = (probability - (i === label ? 1 : 0)) * dLoss;
      }
    }
  };
};

const oneHotLossGradient: KernelFactory = (call, views) => {
  const { logits, rows, columns } = logitsOf(call, views);
  const labels = floatInput(call, views, 1);
  const dLosses = floatInput(call, views, 2);
  const dLogits = floatOutput(call, views);
  return () => {
    for (let row = 0; row < rows; row++) {
      const start = row * columns;
      const shift = logits[start + firstMaximum(logits, start, columns)] as number;
      const sum = sumOfExponentials(logits, start, columns, shift);
      let weight = 0;
      for (let i = start; i < start + columns; i++) weight += labels[i] as number;
      for (let i = start; i < start + columns; i++) {
        const probability = Math.exp((logits[i] as number) - shift) / sum;
        dLogits[i] = (probability * weight - (labels[i] as number)) * (dLosses[row] as number);
      }
    }
  };
};

const countSparse: KernelFactory = (call, views) => {
  const { logits, rows, columns } = logitsOf(call, views);
  const labels = integerInput(call, views, 1);
  return counter(call, views, rows, (row) => {
    return firstMaximum(logits, row * columns, columns) === labels[row];
  });
};

const countOneHot: KernelFactory = (call, views) => {
  const { logits, rows, columns } = logitsOf(call, views);
  const labels = floatInput(call, views, 1);
  return counter(call, views, rows, (row) => {
    const start = row * columns;
    return firstMaximum(logits, start, columns) === firstMaximum(labels, start, columns);
  });
};

function counter(
  call: Call,
  views: Views,
  rows: number,
  isCorrect: (row: number) => boolean,
): Kernel {
  const count = output(call, views);
  return () => {
    let correct = 0;
    for (let row = 0; row < rows; row++) if (isCorrect(row)) correct++;
    count[0] = correct;
  };
}

export const lossKernels: KernelTable = {
  SoftmaxCrossEntropy: byKind({ sparse: sparseLoss, "one-hot": oneHotLoss }),
  SoftmaxCrossEntropyGrad: byKind({ sparse: sparseLossGradient, "one-hot": oneHotLossGradient }),
  CountCorrect: byKind({ sparse: countSparse, "one-hot": countOneHot }),
};
