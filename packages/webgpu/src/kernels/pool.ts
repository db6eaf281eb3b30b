/** Maximum and mean pooling, and their gradients. */
import { type Call, type Operand, sizeOf, windowGeometry } from "@hone/core/backend";
import avgPool from "./avg-pool.wgsl";
import avgPoolGrad from "./avg-pool-grad.wgsl";
import { overElements } from "./elementwise.js";
import { input, type Kernel, type Kernels, numbersOf, output } from "./kernel.js";
import number from "./library/number.wgsl";
import windowLibrary from "./library/window.wgsl";
import maxPool from "./max-pool.wgsl";
import maxPoolGrad from "./max-pool-grad.wgsl";
import maxPoolGradApart from "./max-pool-grad-apart.wgsl";
import { windowConstants } from "./window-constants.js";

/** One invocation an element of `result`; `x` and `y` give the shapes before and after the pool. */
function pool(
  call: Call,
  source: string,
  x: Operand,
  y: Operand,
  read: Readonly<Record<string, Operand>>,
): ReturnType<Kernel> {
  const result = output(call);
  const window = windowGeometry(x.shape, y.shape, numbersOf(call, "filterSize"), call.attributes);
  return overElements(sizeOf(result.shape), {
    sources: [source, windowLibrary, number],
    constants: windowConstants(window),
    read,
    write: { result },
  });
}

const maxPoolGradKernel: Kernel = (call) => {
  const [dy, x, y] = [input(call, 0), input(call, 1), input(call, 2)];
  const result = output(call);
  const window = windowGeometry(x.shape, y.shape, numbersOf(call, "filterSize"), call.attributes);
  const apart =
    window.strideHeight >= window.filterHeight &&
    window.strideWidth >= window.filterWidth &&
    numbersOf(call, "padding").every((cells) => cells === 0);
  if (!apart) return pool(call, maxPoolGrad, x, y, { dy, x, y });
  const blockRows = Math.ceil(window.inputHeight / window.strideHeight);
  const blockColumns = Math.ceil(window.inputWidth / window.strideWidth);
  return overElements(window.batch * blockRows * blockColumns * window.inputChannels, {
    sources: [maxPoolGradApart, windowLibrary, number],
    constants: {
      ...windowConstants(window),
      BLOCK_ROWS: blockRows,
      BLOCK_COLUMNS: blockColumns,
    },
    read: { dy, x, y },
    write: { result },
  });
};

export const pools: Kernels = {
  MaxPool: (call) => pool(call, maxPool, input(call, 0), output(call), { x: input(call, 0) }),
  AvgPool: (call) => pool(call, avgPool, input(call, 0), output(call), { x: input(call, 0) }),
};

export const poolGradients: Kernels = {
  MaxPoolGrad: maxPoolGradKernel,
  AvgPoolGrad: (call) => {
    const dy = input(call, 0);
    return pool(call, avgPoolGrad, output(call), dy, { dy });
  },
};
