import type { Edition } from "./wasm.js";
import code from "./worker.ts?worker-text";

export const fullEdition: Edition = {
  onlyPredicts: false,
  code,
  lowerings: async () => (await import("./kernels/index.js")).lowerings,
};
