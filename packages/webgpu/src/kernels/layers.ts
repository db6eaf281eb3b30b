/** The kernels of layers that most models have, as far as predicting needs them. */
import { sizeOf } from "@hone/core/kernels";
import { convolutions } from "./convolution.js";
import identity from "./identity.wgsl";
import { input, type Kernels, output, overElements } from "./kernel.js";
import { matmuls } from "./matmul.js";
import { pools } from "./pool.js";
import { softmaxes } from "./softmax.js";

export const kernels: Kernels = {
  ...matmuls,
  ...convolutions,
  ...pools,
  ...softmaxes,
  // How a result comes to a buffer of its own.
  Identity: (call) => {
    const [x, result] = [input(call, 0), output(call)];
    return overElements(sizeOf(result.shape), {
      sources: [identity],
      read: { x },
      write: { result },
    });
  },
};
