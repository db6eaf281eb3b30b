/** A convolution, as an implicit matrix product. */
import { type Call, type WindowGeometry, windowGeometry } from "@hone/core/kernels";
import conv2d from "./conv2d.wgsl";
import { type Product, product } from "./gemm.js";
import { input, type Kernel, type Kernels, output, type Surroundings } from "./kernel.js";
import positions from "./library/positions.wgsl";
import taps from "./library/taps.wgsl";

/** All of it but the order of its rows, and what becomes of them. @param window of the convolution, of its whole output */
export function convolution(
  call: Call,
  window: WindowGeometry,
  traits: Surroundings,
): Omit<Product, "rows" | "bias"> {
  return {
    sources: [conv2d, taps],
    window,
    constants: { CHANNELS: window.inputChannels },
    batches: 1,
    columns: window.outputChannels,
    depth: window.filterHeight * window.filterWidth * window.inputChannels,
    aTermsAdjacent: true,
    bTermsAdjacent: false,
    read: { x: input(call, 0), filters: input(call, 1) },
    result: output(call),
    relu: call.attributes.activation === "relu",
    traits,
  };
}

const forward: Kernel = (call, traits) => {
  const [x, filters, result] = [input(call, 0), input(call, 1), output(call)];
  const window = windowGeometry(x.shape, result.shape, filters.shape, call.attributes);
  const whole = convolution(call, window, traits);
  return product({
    ...whole,
    sources: [...whole.sources, positions],
    rows: window.batch * window.outputHeight * window.outputWidth,
    bias: call.inputs[2],
  });
};

export const convolutions: Kernels = { Conv2D: forward, FusedConv2D: forward };
