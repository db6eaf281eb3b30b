/** Ops of two or three tensors with numpy broadcasting. */
import { broadcastStrides, type Call, shapeOfOutput } from "@hone/core/kernels";
import { axisRecords, foldAxes, rowUnits } from "./axes.js";
import { input, invoke, type KernelCall, type Lowering, output, table } from "./lowering.js";

/** A kernel of assembly/binary.ts; its table is the record `Rows` there, then the outer axes. */
export function broadcast(kernel: string, call: Call): KernelCall {
  const shape = shapeOfOutput(call);
  const strides = call.inputs.map((operand) => broadcastStrides(operand.shape, shape));
  const axes = foldAxes(shape, strides, 2);
  const records = axisRecords(axes, 3);
  const rows = table([...records.slice(0, 8), axes.length - 2, ...records.slice(8)]);
  const inputs = call.inputs.map((_, index) => input(call, index));
  return invoke(kernel, rowUnits(axes), ...inputs, output(call), rows);
}

export function binary(kernel: string): Lowering {
  return (call) => [broadcast(kernel, call)];
}
