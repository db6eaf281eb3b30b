/** What few models need is loaded when a trace has met something that is not there. */
import { isHoneError } from "../errors.js";

let isWhole = false;

/** Loads all kernels and layers, once. */
export async function loadAllKernels(): Promise<void> {
  if (isWhole) return;
  (await import("./more-kernels.js")).addAll();
  isWhole = true;
}

/** What `capture` gives; where it is refused it runs again with all kernels. @throws as it does */
export async function withKernelsOnDemand<T>(capture: () => T): Promise<T> {
  try {
    return capture();
  } catch (error) {
    if (isWhole || !isHoneError(error, "UnsupportedModel")) throw error;
  }
  await loadAllKernels();
  return capture();
}
