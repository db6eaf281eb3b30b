/** The gradients of maximum and mean pooling. */
import avgPoolGrad from "./avg-pool-grad.wgsl";
import { input, type Kernel, type Kernels, numbersOf, output } from "./kernel.js";
import maxPoolGrad from "./max-pool-grad.wgsl";
import maxPoolGradApart from "./max-pool-grad-apart.wgsl";
import { pool, poolWindow } from "./pool-window.js";

const maxPoolGradKernel: Kernel = (call) => {
  const [dy, x, y] = [input(call, 0), input(call, 1), input(call, 2)];
  const window = poolWindow(call, { x, y });
  const apart =
    window.strideHeight >= window.filterHeight &&
    window.strideWidth >= window.filterWidth &&
    numbersOf(call, "padding").every((cells) => cells === 0);
  if (!apart) return pool(call, maxPoolGrad, { x, y }, { dy, x, y });
  const rows = Math.ceil(window.inputHeight / window.strideHeight);
  const columns = Math.ceil(window.inputWidth / window.strideWidth);
  return pool(
    call,
    maxPoolGradApart,
    { x, y },
    { dy, x, y },
    {
      length: window.batch * rows * columns * window.inputChannels,
      constants: { BLOCK_ROWS: rows, BLOCK_COLUMNS: columns },
    },
  );
};

export const poolGradients: Kernels = {
  MaxPoolGrad: maxPoolGradKernel,
  AvgPoolGrad: (call) => {
    const dy = input(call, 0);
    return pool(call, avgPoolGrad, { x: output(call), y: dy }, { dy });
  },
};
