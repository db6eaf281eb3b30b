/** The three products of a convolution, as implicit matrix products. */
import { type Call, type Operand, windowGeometry } from "@hone/core/backend";
import conv2d from "./conv2d.wgsl";
import backpropFilter from "./conv2d-backprop-filter.wgsl";
import backpropInput from "./conv2d-backprop-input.wgsl";
import { product } from "./gemm.js";
import { input, type Kernel, type Kernels, output, type Traits } from "./kernel.js";
import taps from "./library/taps.wgsl";
import { windowConstants } from "./window-constants.js";

function forward(
  call: Call,
  bias: Operand | undefined,
  relu: boolean,
  traits: Traits,
): ReturnType<Kernel> {
  const [x, filters, result] = [input(call, 0), input(call, 1), output(call)];
  const window = windowGeometry(x.shape, result.shape, filters.shape, call.attributes);
  return product({
    sources: [conv2d, taps],
    constants: { ...windowConstants(window), CHANNELS: window.inputChannels },
    batches: 1,
    rows: window.batch * window.outputHeight * window.outputWidth,
    columns: window.outputChannels,
    depth: window.filterHeight * window.filterWidth * window.inputChannels,
    aTermsAdjacent: true,
    bTermsAdjacent: false,
    read: { x, filters },
    result,
    bias,
    relu,
    traits,
  });
}

const backpropInputKernel: Kernel = (call, traits) => {
  const [dy, filters, result] = [input(call, 0), input(call, 1), output(call)];
  const window = windowGeometry(result.shape, dy.shape, filters.shape, call.attributes);
  return product({
    sources: [backpropInput, taps],
    constants: {
      ...windowConstants(window),
      CHANNELS: window.outputChannels,
      STRIDED: window.strideHeight * window.strideWidth > 1,
    },
    batches: 1,
    rows: window.batch * window.inputHeight * window.inputWidth,
    columns: window.inputChannels,
    depth: window.filterHeight * window.filterWidth * window.outputChannels,
    aTermsAdjacent: true,
    bTermsAdjacent: true,
    read: { dy, filters },
    result,
    traits,
  });
};

const backpropFilterKernel: Kernel = (call, traits) => {
  const [x, dy, result] = [input(call, 0), input(call, 1), output(call)];
  const window = windowGeometry(x.shape, dy.shape, result.shape, call.attributes);
  return product({
    sources: [backpropFilter],
    constants: windowConstants(window),
    batches: 1,
    rows: window.filterHeight * window.filterWidth * window.inputChannels,
    columns: window.outputChannels,
    depth: window.batch * window.outputHeight * window.outputWidth,
    aTermsAdjacent: false,
    bTermsAdjacent: false,
    read: { x, dy },
    result,
    traits,
  });
};

export const convolutions: Kernels = {
  Conv2D: (call, traits) => forward(call, undefined, false, traits),
  FusedConv2D: (call, traits) =>
    forward(call, call.inputs[2], call.attributes.activation === "relu", traits),
  // Also what a transposed convolution is.
  Conv2DBackpropInput: backpropInputKernel,
};

export const convolutionGradients: Kernels = { Conv2DBackpropFilter: backpropFilterKernel };
