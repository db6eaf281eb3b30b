/** Stock tfjs in plain JavaScript: an instance of our own, unknown to tfjs's engine. */
import { kernelFinder, loadCore, loadQuietly } from "./registry.js";
import type { Stock, StockInstance } from "./stock.js";

const MAX_LENGTH = 2 ** 28;

export async function openCpu(): Promise<Stock> {
  const core = await loadCore();
  const { MathBackendCPU } = await loadQuietly(
    core,
    "cpu",
    () => import("@tensorflow/tfjs-backend-cpu"),
  );
  const instance = new MathBackendCPU();
  // Some kernels make their result so, and would leave it in the engine's books, or in a user's tidy.
  instance.makeOutput = ((
    values: Float32Array | Int32Array | Uint8Array,
    shape: number[],
    dtype: "float32",
  ) => instance.makeTensorInfo(shape, dtype, values)) as never;

  return {
    name: "cpu",
    instance: instance as unknown as StockInstance,
    kernel: kernelFinder(core, "cpu"),
    maxLength: MAX_LENGTH,
    close: () => {},
  };
}
