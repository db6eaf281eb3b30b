/** A convolution with the max pool of 2 by 2 behind it: the invocation that has the sums of a window's positions pools them. */
import { convolution } from "./convolution.js";
import { product } from "./gemm.js";
import { input, type Kernel, type Kernels, output } from "./kernel.js";
import positions from "./library/pooled-positions.wgsl";
import poolFour from "./pool-four.wgsl";
import { pooledPositions, pooledWindow } from "./pooled-window.js";
import storePooled from "./store-pooled.wgsl";
import sumPartsPooled from "./sum-parts-pooled.wgsl";

const pooledConvolution: Kernel = (call, traits) => {
  const window = pooledWindow(call, input(call, 0).shape, input(call, 1).shape);
  const { relu, ...whole } = convolution(call, window, traits);
  const rows = pooledPositions(window);
  const [, winners] = call.outputs;
  return product({
    ...whole,
    sources: [...whole.sources, positions],
    rows,
    bias: call.inputs[2],
    ending: {
      store: [storePooled, poolFour],
      sumParts: [sumPartsPooled, poolFour],
      length: (rows / 4) * Math.ceil(window.outputChannels / 4),
      constants: { RELU: relu === true },
      prelude: [`fn note(at: u32, winner: i32) { ${winners ? "winners[at] = winner; " : ""}}`],
      write: { result: output(call), ...(winners && { winners }) },
    },
  });
};

export const kernels: Kernels = { FusedConv2DMaxPool: pooledConvolution };
