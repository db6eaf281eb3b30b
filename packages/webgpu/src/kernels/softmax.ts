/** Softmax, and its logarithm. */
import { sizeOf } from "@hone/core/kernels";
import { input, type Kernel, type Kernels, output } from "./kernel.js";
import { overRows } from "./over-rows.js";
import softmax from "./softmax.wgsl";

function softmaxKernel(logarithm: boolean): Kernel {
  return (call, traits) => {
    const [x, result] = [input(call, 0), output(call)];
    const columns = x.shape.at(-1) as number;
    return [
      overRows(sizeOf(x.shape) / columns, columns, traits, {
        sources: [softmax],
        constants: { LOGARITHM: logarithm },
        read: { x },
        write: { result },
      }),
    ];
  };
}

export const softmaxes: Kernels = {
  Softmax: softmaxKernel(false),
  LogSoftmax: softmaxKernel(true),
};
