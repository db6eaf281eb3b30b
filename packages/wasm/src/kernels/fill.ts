/** Tensors of one value, and copies as they are. */
import {
  numberAttribute,
  type Operand,
  outputOperand,
  shapeOfOutput,
  sizeOf,
} from "@hone/core/kernels";
import {
  blocksOf,
  input,
  invoke,
  type KernelCall,
  type Lowering,
  output,
  type Reference,
} from "./lowering.js";

export const identity: Lowering = (call) => {
  const size = sizeOf(shapeOfOutput(call));
  return [invoke("base/copyBlocks", blocksOf(size), input(call, 0), output(call), size)];
};

/** The bits of a float32. */
export function floatBits(value: number): number {
  return new Int32Array(Float32Array.of(value).buffer)[0] as number;
}

/** Sets every element of a tensor to one value. */
export function fillTensor(to: Reference, { shape, dtype }: Operand, value: number): KernelCall {
  const size = sizeOf(shape);
  const bits = dtype === "int32" ? value | 0 : floatBits(value);
  return invoke("base/fill", blocksOf(size), to, size, bits);
}

export const fill: Lowering = (call) => [
  fillTensor(output(call), outputOperand(call), numberAttribute(call, "value")),
];
