/** Depthwise convolutions and their gradients: an invocation for each element, or for each part of its sum. */
import { type Call, type Operand, sizeOf, windowGeometry } from "@hone/core/kernels";
import forwardSource from "./depthwise-conv2d.wgsl";
import backpropFilter from "./depthwise-conv2d-backprop-filter.wgsl";
import backpropInput from "./depthwise-conv2d-backprop-input.wgsl";
import { PLAIN, PUT } from "./gemm.js";
import { input, type Kernel, type Kernels, output, overElements, workspace } from "./kernel.js";
import { library } from "./library.js";

/** Invocations that keep a GPU busy; filters of fewer elements are summed in parts. */
const BUSY = 2 ** 15;
const MOST_PARTS = 128;

/** The window, and what its channels are multiplied by. */
function windowOf(call: Call, x: Operand, y: Operand, filters: Operand) {
  const window = windowGeometry(x.shape, y.shape, filters.shape, call.attributes);
  return { window, constants: { MULTIPLIER: window.outputChannels / window.inputChannels } };
}

const ACTIVATIONS: Readonly<Record<string, string>> = {
  relu: "relu(sum)",
  relu6: "minimum(relu(sum), 6.0)",
};

/** What a sum becomes. */
function epilogueOf(bias: Operand | undefined, activation: unknown): string {
  const sum = bias ? "value + bias[channel]" : "value";
  const result = ACTIVATIONS[`${activation}`] ?? "sum";
  return `fn epilogue(value: f32, channel: u32) -> f32 { let sum = ${sum}; return ${result}; }`;
}

const forward: Kernel = (call) => {
  const [x, filters, result] = [input(call, 0), input(call, 1), output(call)];
  const bias = call.inputs[2];
  return overElements(sizeOf(result.shape), {
    sources: [forwardSource, library.number],
    ...windowOf(call, x, result, filters),
    prelude: [epilogueOf(bias, call.attributes.activation)],
    read: { x, filters, ...(bias && { bias }) },
    write: { result },
  });
};

const toInput: Kernel = (call) => {
  const [dy, filters, result] = [input(call, 0), input(call, 1), output(call)];
  return overElements(sizeOf(result.shape), {
    sources: [backpropInput],
    ...windowOf(call, result, dy, filters),
    read: { dy, filters },
    write: { result },
  });
};

const toFilter: Kernel = (call) => {
  const [x, dy, result] = [input(call, 0), input(call, 1), output(call)];
  const size = sizeOf(result.shape);
  const lines = (dy.shape[0] as number) * (dy.shape[1] as number);
  const wanted = Math.min(MOST_PARTS, lines, Math.ceil(BUSY / Math.max(1, size)));
  const partLines = Math.max(1, Math.ceil(lines / Math.max(1, wanted)));
  const parts = Math.max(1, Math.ceil(lines / partLines));
  const partial = parts === 1 ? result : workspace(parts * size);
  const { window, constants } = windowOf(call, x, dy, result);
  const sums = overElements(parts * size, {
    sources: [backpropFilter],
    window,
    constants: {
      ...constants,
      SIZE: size,
      LINES: lines,
      PART_LINES: partLines,
    },
    read: { x, dy },
    write: { result: partial },
  });
  if (parts === 1) return sums;
  return [
    ...sums,
    ...overElements(size, {
      sources: [library.sumParts, library.number],
      constants: { PARTS: parts, COLUMNS: 1 },
      prelude: [PLAIN, PUT],
      read: { parts: partial },
      write: { result },
    }),
  ];
};

export const kernels: Kernels = {
  DepthwiseConv2dNative: forward,
  FusedDepthwiseConv2D: forward,
  DepthwiseConv2dNativeBackpropInput: toInput,
  DepthwiseConv2dNativeBackpropFilter: toFilter,
};
