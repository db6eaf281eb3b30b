/** Rows of data sets. */
import { sizeOf } from "@hone/core/kernels";
import gatherRows from "./gather-rows.wgsl";
import {
  elementType,
  input,
  type Kernel,
  type Kernels,
  numberOf,
  output,
  overElements,
} from "./kernel.js";

const gatherRowsKernel: Kernel = (call) => {
  const [column, result] = [input(call, 0), output(call)];
  const [order, epochStart] = call.inputs.slice(1);
  const batch = result.shape[0] ?? 1;
  const element = elementType(result.dtype);
  const raw = column.dtype === "uint8" ? "raw" : `bitcast<${elementType(column.dtype)}>(raw)`;
  const value = result.dtype === "float32" ? `f32(${raw}) * SCALE + OFFSET` : `${element}(${raw})`;
  const place = order
    ? "u32(order[u32(i32(step_number()) - epoch_start[0]) * STRIDE + row])"
    : "step_number() * STRIDE + row";
  return overElements(sizeOf(result.shape), {
    sources: [gatherRows],
    constants: {
      STRIDE: numberOf(call, "stride"),
      ROW_LENGTH: sizeOf(result.shape) / batch,
      SCALE: Number(call.attributes.scale ?? 1),
      OFFSET: Number(call.attributes.offset ?? 0),
      BYTES: column.dtype === "uint8",
    },
    prelude: [
      `fn convert(raw: u32) -> ${element} { return ${value}; }`,
      `fn source_row(row: u32) -> u32 { return ${place}; }`,
    ],
    read: { column, ...(order && epochStart ? { order, epoch_start: epochStart } : {}) },
    write: { result },
    usesStep: true,
  });
};

export const rows: Kernels = { GatherRows: gatherRowsKernel };
