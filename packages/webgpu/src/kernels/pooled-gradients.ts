/** The gradients of a convolution with a max pool of 2 by 2 behind it, which follow the pool's winners. */
import { filterGradientOf, inputGradient } from "./convolution-gradients.js";
import { input, type Kernel, type Kernels, output } from "./kernel.js";
import positions from "./library/pooled-positions.wgsl";
import { pooledPositions, pooledWindow } from "./pooled-window.js";
import winnersFilterGradient from "./winners-filter-gradient.wgsl";
import winnersGradient from "./winners-gradient.wgsl";

const backpropFilter: Kernel = (call, traits) => {
  const [x, dy, winners, result] = [input(call, 0), input(call, 1), input(call, 2), output(call)];
  const window = pooledWindow(call, x.shape, result.shape);
  const above = { sources: [winnersFilterGradient, positions], read: { dy, winners } };
  const depth = pooledPositions(window);
  return filterGradientOf(window, above, { x, depth, result, sums: call.outputs[1], traits });
};

const backpropInput: Kernel = (call, traits) => {
  const [dy, winners, filters] = [input(call, 0), input(call, 1), input(call, 2)];
  const result = output(call);
  const window = pooledWindow(call, result.shape, filters.shape);
  const above = { sources: [winnersGradient], read: { dy, winners } };
  return inputGradient(window, above, filters, result, traits);
};

export const kernels: Kernels = {
  FusedConv2DMaxPoolBackpropFilter: backpropFilter,
  FusedConv2DMaxPoolBackpropInput: backpropInput,
};
