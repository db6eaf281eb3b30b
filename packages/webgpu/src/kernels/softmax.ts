/** Softmax, and its logarithm. */
import { sizeOf } from "@hone/core/kernels";
import { dispatch, input, type Kernel, type Kernels, output } from "./kernel.js";
import { rowTiles } from "./row-tiles.js";
import softmax from "./softmax.wgsl";

function softmaxKernel(logarithm: boolean): Kernel {
  return (call, traits) => {
    const [x, result] = [input(call, 0), output(call)];
    const columns = x.shape.at(-1) as number;
    const tiles = rowTiles(sizeOf(x.shape) / columns, columns, traits);
    return [
      dispatch({
        sources: [softmax, ...tiles.sources],
        constants: { ...tiles.constants, LOGARITHM: logarithm },
        read: { x },
        write: { result },
        workgroups: tiles.workgroups,
      }),
    ];
  };
}

export const softmaxes: Kernels = {
  Softmax: softmaxKernel(false),
  LogSoftmax: softmaxKernel(true),
};
