/** Stock tfjs in plain JavaScript: an instance of our own, unknown to tfjs's engine. */
import { kernelFinder, loadCore, loadQuietly, setUpKernels } from "./registry.js";
import type { Stock, StockInstance } from "./stock.js";

const MAX_LENGTH = 2 ** 28;

export async function openCpu(): Promise<Stock> {
  const core = await loadCore();
  const { MathBackendCPU } = await loadQuietly(
    core,
    "cpu",
    () => import("@tensorflow/tfjs-backend-cpu"),
  );
  const instance = new MathBackendCPU() as unknown as StockInstance;
  setUpKernels(core, "cpu", instance);
  return {
    name: "cpu",
    instance,
    kernel: kernelFinder(core, "cpu"),
    maxLength: MAX_LENGTH,
    close: () => {},
  };
}
