/** The two products that a convolution's gradients are, as implicit matrix products. */
import { type Operand, type WindowGeometry, windowGeometry } from "@hone/core/kernels";
import backpropFilter from "./conv2d-backprop-filter.wgsl";
import backpropInput from "./conv2d-backprop-input.wgsl";
import denseGradient from "./dense-gradient.wgsl";
import { type Product, product } from "./gemm.js";
import { input, type Kernel, type Kernels, output, type Surroundings } from "./kernel.js";
import filterGradient from "./library/filter-gradient.wgsl";
import positions from "./library/positions.wgsl";
import taps from "./library/taps.wgsl";

/** What the gradient that comes from above is read by. */
interface Above {
  /** What says where it is: one of dense-gradient.wgsl, winners-gradient.wgsl and what they go with. */
  readonly sources: readonly string[];
  readonly read: Readonly<Record<string, Operand>>;
}

export function inputGradient(
  window: WindowGeometry,
  above: Above,
  filters: Operand,
  result: Operand,
  traits: Surroundings,
): ReturnType<Kernel> {
  return product({
    sources: [backpropInput, taps, ...above.sources],
    window,
    constants: {
      CHANNELS: window.outputChannels,
      STRIDED: window.strideHeight * window.strideWidth > 1,
    },
    batches: 1,
    rows: window.batch * window.inputHeight * window.inputWidth,
    columns: window.inputChannels,
    depth: window.filterHeight * window.filterWidth * window.outputChannels,
    aTermsAdjacent: true,
    bTermsAdjacent: true,
    read: { ...above.read, filters },
    result,
    traits,
  });
}

/** @param depth output positions that are summed over, in the order that `above` says */
export function filterGradientOf(
  window: WindowGeometry,
  above: Above,
  more: Pick<Product, "depth" | "result" | "traits"> & {
    readonly x: Operand;
    readonly sums?: Operand | undefined;
  },
): ReturnType<Kernel> {
  const { x, ...rest } = more;
  return product({
    sources: [...above.sources, filterGradient],
    window,
    batches: 1,
    rows: window.filterHeight * window.filterWidth * window.inputChannels,
    columns: window.outputChannels,
    aTermsAdjacent: false,
    bTermsAdjacent: false,
    read: { x, ...above.read },
    ...rest,
  });
}

const backpropInputKernel: Kernel = (call, traits) => {
  const [dy, filters, result] = [input(call, 0), input(call, 1), output(call)];
  const window = windowGeometry(result.shape, dy.shape, filters.shape, call.attributes);
  return inputGradient(window, { sources: [denseGradient], read: { dy } }, filters, result, traits);
};

const backpropFilterKernel: Kernel = (call, traits) => {
  const [x, dy, result] = [input(call, 0), input(call, 1), output(call)];
  const window = windowGeometry(x.shape, dy.shape, result.shape, call.attributes);
  const depth = window.batch * window.outputHeight * window.outputWidth;
  const above = { sources: [backpropFilter, positions], read: { dy } };
  return filterGradientOf(window, above, { x, depth, result, sums: call.outputs[1], traits });
};

export const convolutionGradients: Kernels = {
  // Also what a transposed convolution is.
  Conv2DBackpropInput: backpropInputKernel,
  Conv2DBackpropFilter: backpropFilterKernel,
};
