/** Rows of a table by number. */
import { sizeOf } from "@hone/core/kernels";
import { floatBits, input, type Kernel, type Kernels, output, overElements } from "./kernel.js";
import { library } from "./library.js";
import tableRows from "./table-rows.wgsl";

const gatherKernel: Kernel = (call) => {
  const [table, indices, result] = [input(call, 0), input(call, 1), output(call)];
  return overElements(sizeOf(result.shape), {
    sources: [tableRows, library.number],
    constants: {
      ROWS: table.shape[0] as number,
      ROW_LENGTH: sizeOf(table.shape.slice(1)),
      OUTSIDE_BITS: floatBits(call.attributes.outside === "zero" ? 0 : Number.NaN),
    },
    read: { table, indices },
    write: { result },
  });
};

export const tables: Kernels = { Gather: gatherKernel };
