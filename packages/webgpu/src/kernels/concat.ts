/** Tensors joined along an axis. */
import { sizeOf } from "@hone/core/kernels";
import concat from "./concat.wgsl";
import { type Kernel, type Kernels, numberOf, output, overElements } from "./kernel.js";

/** One copy for each input: their number knows no limit of bindings. */
const concatKernel: Kernel = (call) => {
  const result = output(call);
  const axis = numberOf(call, "axis");
  const inner = sizeOf(result.shape.slice(axis + 1));
  let firstColumn = 0;
  return call.inputs.flatMap((x) => {
    const columns = (x.shape[axis] as number) * inner;
    const copy = overElements(sizeOf(x.shape), {
      sources: [concat],
      constants: {
        INPUT_COLUMNS: columns,
        RESULT_COLUMNS: (result.shape[axis] as number) * inner,
        FIRST_COLUMN: firstColumn,
      },
      read: { x },
      write: { result },
    });
    firstColumn += columns;
    return copy;
  });
};

export const joins: Kernels = { Concat: concatKernel };
