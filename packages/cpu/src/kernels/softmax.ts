/** Softmax along the last axis, shifted by the row's maximum so that nothing overflows. */
import { shapeOfInput } from "@hone/core/backend";
import { floatInput, floatOutput, type KernelFactory, type KernelTable } from "./kernel.js";
import { firstMaximum, sumOfExponentials } from "./rows.js";

const softmax: KernelFactory = (call, views) => {
  const x = floatInput(call, views, 0);
  const y = floatOutput(call, views);
  const columns = shapeOfInput(call, 0).at(-1) ?? 1;
  return () => {
    for (let start = 0; start < x.length; start += columns) {
      const shift = x[start + firstMaximum(x, start, columns)] as number;
      const sum = sumOfExponentials(x, start, columns, shift);
      for (let i = start; i < start + columns; i++) {
        y[i] = Math.exp((x[i] as number) - shift) / sum;
      }
    }
  };
};

const logSoftmax: KernelFactory = (call, views) => {
  const x = floatInput(call, views, 0);
  const y = floatOutput(call, views);
  const columns = shapeOfInput(call, 0).at(-1) ?? 1;
  return () => {
    for (let start = 0; start < x.length; start += columns) {
      const shift = x[start + firstMaximum(x, start, columns)] as number;
      const logSum = Math.log(sumOfExponentials(x, start, columns, shift));
      for (let i = start; i < start + columns; i++) y[i] = (x[i] as number) - shift - logSum;
    }
  };
};

export const softmaxKernels: KernelTable = { Softmax: softmax, LogSoftmax: logSoftmax };
